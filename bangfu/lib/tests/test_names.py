import pytest
from hypothesis import given
from hypothesis import strategies as st

from bangfu.lib.names import COMPOUND_SURNAMES, SURNAME_READINGS, clean_name, initials, name_words, pinyin_key, search_terms

HAN = st.characters(min_codepoint=0x4E00, max_codepoint=0x9FA5)


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("单雄信", "shan xiong xin"),
        ("曾国藩", "zeng guo fan"),
        ("仇英", "qiu ying"),
        ("解缙", "xie jin"),
        ("查良镛", "zha liang yong"),
        ("任我行", "ren wo xing"),
        ("区小明", "ou xiao ming"),
        ("朴正", "piao zheng"),
        ("盖叫天", "ge jiao tian"),
        ("覃小华", "qin xiao hua"),
        ("尉迟恭", "yu chi gong"),
        ("尉小明", "wei xiao ming"),
        ("长孙无忌", "zhang sun wu ji"),
        ("万俟卨", "mo qi xie"),
        ("小单", "xiao dan"),
        ("吕布", "lv bu"),
        ("买买提·艾力", "mai mai ti ai li"),
        ("John Smith", "j o h n s m i t h"),
        ("", ""),
    ],
)
def test_the_surname_is_read_as_a_surname(name, key):
    assert pinyin_key(name) == key


def test_the_tables_are_large_enough():
    assert len(SURNAME_READINGS) >= 40 and len(COMPOUND_SURNAMES) >= 60
    assert all(len(name) == 2 for name in COMPOUND_SURNAMES)


def test_a_list_sorted_by_the_key_is_sorted_as_people_expect():
    people = ["张三", "单雄信", "欧阳修", "安然", "曾国藩", "尉迟恭", "解缙"]
    assert sorted(people, key=pinyin_key) == ["安然", "欧阳修", "单雄信", "解缙", "尉迟恭", "曾国藩", "张三"]


def test_initials():
    assert initials("张三丰") == "zsf" and initials("欧阳志强") == "oyzq"


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("张三", "张三"),
        (" 张 三 ", "张三"),
        ("张　三", "张三"),
        ("张\u200b三", "张三"),
        ("买买提.艾力", "买买提·艾力"),
        ("买买提•艾力", "买买提·艾力"),
        ("买买提 · 艾力", "买买提·艾力"),
        ("㛃𬱖", "㛃𬱖"),
        ("〇一", "〇一"),
        ("Ｊｏｈｎ Smith", "John Smith"),
        ("李Ann", "李Ann"),
    ],
)
def test_names_are_cleaned(written, name):
    assert clean_name(written) == name


@pytest.mark.parametrize(
    ("written", "says"),
    [
        ("", "没有填姓名"),
        (None, "没有填姓名"),
        ("李", "只有 1 个字"),
        ("张" * 31, "31 个字"),
        ("张3", "数字"),
        ("张(小)", "“(”"),
        ("张三,李四", "“,”"),
        ("=张三", "“=”"),
        ("<b>张三</b>", "“<”"),
        ("张?", "无法识别"),
        ("张\ue000", "无法识别"),
        ("张\ufffd", "无法识别"),
        ("·张三", "间隔号"),
        ("买··提", "间隔号"),
        ("张\n三\x00", "不能用在姓名中"),
    ],
)
def test_what_is_no_name_gets_a_sentence(written, says):
    with pytest.raises(ValueError, match=says.replace("(", r"\(")) as refusal:
        clean_name(written)
    assert str(refusal.value).endswith("。")


@given(st.text(HAN, min_size=2, max_size=30))
def test_every_chinese_name_is_kept_as_it_is(name):
    assert clean_name(name) == name


@given(st.text(max_size=12))
def test_any_text_is_a_name_or_a_sentence(text):
    try:
        assert clean_name(clean_name(text)) == clean_name(text)
    except ValueError as refusal:
        assert str(refusal).endswith("。")


def found(query: str, name: str, *numbers: str) -> bool:
    words = [*name_words(name), *(number.lower() for number in numbers)]
    return all(
        any(word.startswith(term.text) for word in words) if term.is_prefix else term.text in words for term in search_terms(query)
    )


@pytest.mark.parametrize(
    "query",
    [
        "张",
        "张三",
        "三丰",
        "张三丰",
        "丰",
        "zsf",
        "ZSF",
        "zs",
        "zhangsanfeng",
        "zhangs",
        "KY1001",
        "ky10",
        "zhang",
        "zha",
        "张三丰 ky1001",
        "三丰 zsf",
    ],
)
def test_somebody_is_found_by(query):
    assert found(query, "张三丰", "KY1001")


@pytest.mark.parametrize("query", ["李", "丰三", "张丰", "sf", "1001", "anfeng", "张三 ky9"])
def test_somebody_is_not_found_by(query):
    assert not found(query, "张三丰", "KY1001")


@given(st.text(HAN, min_size=1, max_size=6), st.data())
def test_every_part_of_a_name_finds_it(name, data):
    start = data.draw(st.integers(0, len(name) - 1))
    end = data.draw(st.integers(start + 1, len(name)))
    assert found(name[start:end], name)


def test_percent_and_quotes_in_a_query_are_no_terms():
    assert search_terms("%'; --") == [] and name_words("  ") == []
