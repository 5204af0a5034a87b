import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.lib.masking import mask_address, mask_card, mask_id, mask_name, mask_phone
from bangfu.lib.names import COMPOUND_SURNAMES

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FFF)


@pytest.mark.parametrize(
    ("mask", "value", "shown"),
    [
        (mask_id, "530000198304186490", "5300**********6490"),
        (mask_id, "53000019631124977X", "5300**********977X"),
        (mask_id, "E12345678", "E*****678"),
        (mask_id, "H1234567890", "H*******890"),
        (mask_id, "1234567", "*******"),
        (mask_phone, "13800001234", "138****1234"),
        (mask_phone, "08737223344", "*******3344"),
        (mask_phone, "12345", "*****"),
        (mask_card, "6222021687536251234", "**** **** **** 1234"),
        (mask_card, "6222 0216 8753 6251 234", "**** **** **** 1234"),
        (mask_card, "1234", "****"),
        (mask_name, "张三", "张*"),
        (mask_name, "张二三", "张*三"),
        (mask_name, "张王李三", "张**三"),
        (mask_name, "欧阳修", "欧阳*"),
        (mask_name, "欧阳志强", "欧阳*强"),
        (mask_name, "欧阳", "欧*"),
        (mask_name, "李", "*"),
        (mask_name, "张 三", "张*"),
        (mask_name, "买买提·艾力", "买****力"),
        (mask_address, "云南省开远市灵泉街道建设社区3栋2单元501", "云南省开远市灵泉街道建设社区***"),
        (mask_address, "大庄乡龙潭村委会上寨5号", "大庄乡龙潭村委会***"),
        (mask_address, "开远市小龙潭镇12号", "开远市小龙潭镇***"),
        (mask_address, "开远市人民中路88号", "开远市***"),
        (mask_address, "3栋501", "***"),
    ],
)
def test_what_is_shown_by_default(mask, value, shown):
    assert mask(value) == shown


@pytest.mark.parametrize("mask", [mask_id, mask_phone, mask_card, mask_name, mask_address])
def test_nothing_is_shown_of_nothing(mask):
    assert mask("") == mask(None) == ""


def visible(text: str) -> str:
    return re.sub(r"[* ]", "", text)


@given(st.text(st.characters(blacklist_characters="*", blacklist_categories=["Zs", "Cc"]), max_size=40))
def test_no_mask_shows_more_than_it_may(value):
    assert len(visible(mask_id(value))) <= (8 if len(value) >= 16 else 4)
    assert len(visible(mask_phone(value))) <= (7 if len(value) == 11 else 4)
    assert len(visible(mask_card(value))) <= 4
    assert len(visible(mask_name(value))) <= 3


@given(st.text("0123456789", min_size=5, max_size=30))
def test_at_least_half_of_every_number_is_hidden(value):
    for mask in (mask_id, mask_card):
        assert len(visible(mask(value))) * 2 <= len(value)


@given(st.text(HAN, min_size=2, max_size=6))
def test_at_least_one_given_character_is_hidden_and_the_surname_kept(name):
    shown = mask_name(name)
    assert shown[0] == name[0] and "*" in shown and len(shown) == len(name)
    hidden = [at for at, sign in enumerate(shown) if sign == "*"]
    assert hidden and max(hidden) >= len(name) - 2


@given(st.sampled_from(sorted(COMPOUND_SURNAMES)), st.text(HAN, min_size=1, max_size=2))
def test_compound_surnames_are_kept_whole(surname, given_name):
    shown = mask_name(surname + given_name)
    assert shown.startswith(surname + "*") and shown[3:] == given_name[1:]


@given(st.text(HAN, max_size=8), st.text("0123456789", min_size=1, max_size=4), st.text(max_size=8))
def test_no_house_number_is_ever_shown(street, number, rest):
    assert not re.search(r"\d", mask_address(f"{street}{number}号{rest}"))
