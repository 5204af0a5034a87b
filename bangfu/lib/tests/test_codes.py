import pytest

from bangfu.lib import codes, panels

NEEDED = (
    "sex marital_form family_relation ethnic political_form health_form disability_kind disability_grade hardship_class_2020 "
    "archive_level cause cause_zhuhai work_status model_worker house_type hukou unit_nature contract_term fund_source exclusion "
    "exit_reason attachment relief_stage_school"
)


def test_the_lists_of_the_archive_are_there_with_their_origin():
    assert set(codes.list_names()) == set(NEEDED.split())
    for name in codes.list_names():
        assert codes.codelist(name).origin and codes.codelist(name).name


@pytest.mark.parametrize("name", codes.list_names())
def test_every_code_and_word_finds_itself(name):
    for code, word in codes.choices(name):
        assert codes.label(name, code) == word
        assert codes.code_of(name, word) == code
    assert len(dict(codes.choices(name))) == len(codes.choices(name))


@pytest.mark.parametrize("name", codes.list_names())
def test_a_bare_code_is_understood_unless_it_is_a_word_of_the_list(name):
    for code, _word in codes.choices(name):
        assert codes.code_of(name, code) in (code, None)


@pytest.mark.parametrize(
    ("name", "written", "code"),
    [
        ("sex", " 男 ", "1"),
        ("sex", "女性", "2"),
        ("sex", 1.0, "1"),
        ("family_relation", "妻子", "12"),
        ("family_relation", "儿子", "20"),
        ("family_relation", "本人", "01"),
        ("family_relation", "1", "01"),
        ("ethnic", "汉", "01"),
        ("ethnic", "彝族", "07"),
        ("disability_grade", "一级（极重度）", "1"),
        ("disability_grade", "二级", "2"),
        ("disability_kind", "肢体", "4"),
        ("exit_reason", "脱困", "1"),
        ("hukou", "农村", "1"),
        ("cause", "子女上学", "9"),
        ("work_status", "下岗", "2"),
        ("sex", "不男不女", None),
        ("sex", "", None),
        ("sex", None, None),
    ],
)
def test_what_rosters_say_is_understood(name, written, code):
    assert codes.code_of(name, written) == code


def test_an_unknown_code_stays_legible_and_an_unknown_list_is_a_slip():
    assert codes.label("sex", "7") == "7" and codes.label("sex", None) == ""
    with pytest.raises(KeyError):
        codes.choices("nothing")


@pytest.fixture(autouse=True)
def _empty_slots(monkeypatch):
    monkeypatch.setattr(panels, "_slots", {})


def test_a_slot_holds_its_panels_in_order_each_once():
    for _twice in range(2):
        panels.add("household.file", "household-visits", roles=["UNIT_CLERK"], title="走访")
        panels.add("household.file", "household-payouts", roles=["CASHIER", "UNIT_CLERK"], title="发放")
    assert [panel.url_name for panel in panels.of("household.file")] == ["household-visits", "household-payouts"]
    assert panels.of("case.page") == []


def test_a_panel_is_offered_to_its_roles_only():
    panels.add("household.file", "household-payouts", roles=["CASHIER"], title="发放")
    assert panels.of("household.file", ["CASHIER", "WORKER"]) and not panels.of("household.file", ["WORKER"])
