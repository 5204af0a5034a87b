from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.lib import bankcard, identity, phone
from bangfu.lib.identity import check, check_digit, normalise

TODAY = date(2026, 11, 20)
BIRTHS = st.dates(date(1920, 1, 1), TODAY)


def number(area: str, birth: date, sequence: int) -> str:
    first17 = f"{area}{birth:%Y%m%d}{sequence:03d}"
    return first17 + check_digit(first17)


@given(st.sampled_from(["530000", "110000", "810000", "440306"]), BIRTHS, st.integers(1, 999))
def test_a_right_number_passes_and_tells_birth_and_sex(area, birth, sequence):
    result = check(number(area, birth, sequence), on=TODAY)
    assert result.ok and result.birth_date == birth
    assert result.sex == (identity.MALE if sequence % 2 else identity.FEMALE)


@given(BIRTHS, st.integers(1, 999), st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_is_always_found(birth, sequence, at, digit):
    right = number("530000", birth, sequence)
    wrong = right[:at] + digit + right[at + 1 :]
    result = check(wrong, on=TODAY)
    if result.kind == identity.FOREIGN_RESIDENCE:  # their check digit only warns
        assert result.warnings
    else:
        assert result.ok is (wrong == right)


@given(BIRTHS, st.integers(1, 999), st.integers(0, 15))
def test_two_digits_in_the_wrong_order_are_always_found(birth, sequence, at):
    right = number("530000", birth, sequence)
    wrong = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
    assert check(wrong, on=TODAY).ok is (wrong == right)


@given(BIRTHS, st.integers(1, 999), st.integers(1, 17))
def test_each_missing_digit_is_counted(birth, sequence, kept):
    value = number("530000", birth, sequence)[:kept]
    result = check(value, on=TODAY)
    if kept not in (8, 10, 15):  # these lengths are other papers
        assert result.errors == [f"少 {18 - kept} 位，现 {kept} 位。对照证件补全。"]


@pytest.mark.parametrize(
    "written",
    ["53000019631124977X", "53000019631124977x", " 530000 19631124 977x ", "５３００００１９６３１１２４９７７ｘ", "530000-19631124-977X",
     "'53000019631124977X", "53000019631124977X\u200b", "\ufeff53000019631124977X", "53000019631124977X\t"],
)  # fmt: skip
def test_every_spelling_of_a_number_becomes_one(written):
    result = check(written, on=TODAY)
    assert result.value == normalise(written) == "53000019631124977X" and result.ok and not result.warnings


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "没有填"),
        (None, "没有填"),
        ("53000019830418649", "少 1 位，现 17 位。对照证件补全。"),
        ("5300001983041864901", "多 1 位，现 19 位"),
        ("530000198304186000", "Excel 已把末三位改成 000"),
        (530000198304186490, ""),
        (5.30000198304186e17, "Excel 已把末三位改成 000"),
        ("5.30E+17", "科学计数法"),
        ("5.30000198304186E+17", "科学计数法"),
        ("530000198304186491", "末位校验不符"),
        ("530000198313186491", "不是存在的日期"),
        ("53O000198304186490", "第 3 位是字母 O"),
        ("5300001983041864X0", "含有“X”"),
        ("530000198304186四九零", "含有"),
        ("5300**********6490", "打码"),
    ],
)
def test_a_wrong_number_is_told_what_and_how_to_mend(written, says):
    result = check(written, on=TODAY)
    assert says in "".join(result.errors)
    assert all(error.endswith("。") for error in result.errors)
    assert bool(result.errors) is bool(says)


def test_a_birth_that_has_not_happened_is_refused():
    assert "还没有到" in check(number("530000", date(2099, 4, 18), 649), on=TODAY).errors[0]
    assert check(number("530000", TODAY, 649), on=TODAY).ok


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (number("530000", date(1983, 4, 18), 649), ""),
        (number("010000", date(1983, 4, 18), 649), "不是省级行政区划代码"),
        (number("530000", date(1890, 4, 18), 649), "136 岁"),
    ],
)
def test_an_odd_area_or_age_only_warns(value, says):
    result = check(value, on=TODAY)
    assert result.ok and says in "".join(result.warnings)


def test_a_day_that_never_was_only_warns_when_the_check_digit_is_right():
    first17 = "53000019830230649"
    result = check(first17 + check_digit(first17), on=TODAY)
    assert result.ok and "19830230 不是存在的日期" in result.warnings[0] and result.birth_date is None


def test_people_whose_county_is_younger_than_they_pass_without_a_word():
    for area in ("440306", "110112", "500103", "350203"):
        result = check(number(area, date(1975, 6, 1), 12), on=TODAY)
        assert result.ok and not result.warnings


def test_a_number_of_before_1999_is_upgraded_with_a_warning():
    result = check("530000630416977", on=TODAY)
    assert result.ok and len(result.value) == 18 and result.value[6:14] == "19630416"
    assert result.value in result.warnings[0] and result.birth_date == date(1963, 4, 16)
    assert "15 位" in check("530000639916977", on=TODAY).errors[0]


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (number("810000", date(1994, 8, 23), 2), identity.HMT_RESIDENCE),
        (number("820000", date(1994, 8, 23), 2), identity.HMT_RESIDENCE),
        (number("830000", date(1994, 8, 23), 2), identity.HMT_RESIDENCE),
        ("H1234567890", identity.HM_PASS),
        ("m12345678", identity.HM_PASS),
        ("12345678", identity.TW_PASS),
        ("E12345678", identity.PASSPORT),
        ("EA1234567", identity.PASSPORT),
        ("G12345678", identity.PASSPORT),
        ("911840198303181234", identity.FOREIGN_RESIDENCE),
        ("USA110083051501", identity.FOREIGN_RESIDENCE),
    ],
)
def test_papers_of_other_people_are_accepted(value, kind):
    result = check(value, on=TODAY)
    assert result.ok and result.kind == kind


@given(st.one_of(st.text(max_size=25), st.integers(0, 10**19), st.floats(), st.none()))
def test_anything_at_all_gets_an_answer(value):
    result = check(value, on=TODAY)
    assert result.ok or all(error.endswith("。") for error in result.errors)


def test_today_is_taken_from_the_clock_when_not_given(settings, clock):
    assert check(number("530000", date(2026, 11, 20), 649)).ok
    assert not check(number("530000", date(2026, 11, 21), 649)).ok


@pytest.mark.parametrize(
    "written",
    ["6222021687536253779", "6222 0216 8753 6253 779", "６２２２０２１６８７５３６２５３７７９", "6222-0216-8753-6253-779"],
)
def test_a_card_is_read_in_every_spelling(written):
    assert bankcard.check(written) == bankcard.CardCheck("6222021687536253779")


@pytest.mark.parametrize(
    ("written", "errors", "warnings"),
    [
        ("", "没有填", ""),
        ("6222021687536253770", "", "末位校验不符"),
        ("24019912345678", "", "现 14 位"),
        ("1234567", "现 7 位", ""),
        ("6222a21687536253779", "含有“a”", ""),
        ("**** **** **** 3779", "打码", ""),
        ("6.22202168753625E+18", "科学计数法", ""),
        (6.22202168753625e18, "第 15 位以后改成 0", ""),
        ("6222021687536250000", "第 15 位以后改成 0", ""),
        ("6" * 40, "现 40 位", ""),
    ],
)
def test_a_card_only_warns_where_real_accounts_differ(written, errors, warnings):
    result = bankcard.check(written)
    assert errors in "".join(result.errors) and bool(errors) is bool(result.errors)
    assert warnings in "".join(result.warnings) and bool(warnings) is bool(result.warnings)


@given(st.text("0123456789", min_size=15, max_size=18), st.integers(0, 9))
def test_luhn_finds_every_single_wrong_digit(body, wrong):
    right = next(body + digit for digit in "0123456789" if bankcard.luhn_ok(body + digit))
    changed = str(wrong) + right[1:]
    assert bankcard.luhn_ok(changed) is (changed == right)


@pytest.mark.parametrize(
    "written",
    [
        "13800019646",
        "138 0001 9646",
        "+86 13800019646",
        "008613800019646",
        "8613800019646",
        "138-0001-9646",
        13800019646,
        13800019646.0,
        "１３８０００１９６４６",
    ],
)
def test_a_mobile_is_read_in_every_spelling(written):
    result = phone.check(written)
    assert result.value == "13800019646" and result.ok and result.is_mobile


@pytest.mark.parametrize(
    ("written", "errors"),
    [
        ("", "没有填"),
        ("1380001964", "11 位，现 10 位"),
        ("12800019646", "不是手机号码"),
        ("张三", "含有"),
        ("138****9646", "打码"),
        ("138000196460", "现 12 位"),
    ],
)
def test_a_wrong_phone_is_told(written, errors):
    assert errors in phone.check(written).errors[0]


def test_a_landline_warns_that_messages_do_not_reach_it():
    result = phone.check("0873-7223344")
    assert result.ok and not result.is_mobile and "固定电话" in result.warnings[0]
