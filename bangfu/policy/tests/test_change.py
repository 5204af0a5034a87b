"""What would change it: the nearest value of one fact that turns the outcome round, in words."""

from datetime import date

import pytest

from bangfu.policy.change import changes
from bangfu.policy.evaluation import evaluate
from bangfu.policy.loading import load_pack
from bangfu.policy.outcome import ELIGIBLE, NOT_ELIGIBLE
from bangfu.policy.tests.makers import ON, ROOT, household, kaiyuan, pack_with


def rows(**changed):
    return {row.path: row for row in changes(kaiyuan(), household(**changed), ON, "temporary_living")}


def test_the_nearest_sum_is_told_with_the_clause_and_the_figure_made_of_it():
    row = rows(annual_income_fen=3_000_000, main_cause="other")["annual_income_fen"]
    assert (row.new, row.to, row.clause) == (2_699_999, ELIGIBLE, "五（一）")
    assert row.sentence == ("月人均收入再低 83.33 元就符合第五（一）条（近 12 个月家庭可支配收入由 ¥30,000.00 变为 ¥26,999.99）。")


def test_each_change_turns_the_outcome_and_one_fen_less_does_not():
    facts = household(annual_income_fen=3_000_000, main_cause="other")
    for row in changes(kaiyuan(), facts, ON, "temporary_living"):
        assert evaluate(kaiyuan(), {**facts, row.path: row.new}, ON).programme("temporary_living").outcome == row.to
        if isinstance(row.new, int) and not isinstance(row.new, bool) and abs(row.new - row.old) > 1:
            nearer = row.new + (1 if row.new < row.old else -1)
            assert evaluate(kaiyuan(), {**facts, row.path: nearer}, ON).programme("temporary_living").outcome == NOT_ELIGIBLE


def test_the_least_effort_stands_first():
    found = changes(kaiyuan(), household(annual_income_fen=3_000_000, main_cause="other"), ON, "temporary_living")
    assert [row.effort for row in found] == sorted(row.effort for row in found) and found[0].path == "annual_income_fen"


def test_a_yes_or_no_is_told_by_its_clause():
    row = rows(is_aided_elsewhere=True)["is_aided_elsewhere"]
    assert row.sentence == "同一事由已从别处领取由“有”变为“无”，就符合第九（三）条。"


def test_what_is_given_tells_what_would_take_it_away():
    row = rows()["annual_income_fen"]
    assert row.to == NOT_ELIGIBLE and row.new == 2_700_000 and "不再符合第五（一）条" in row.sentence


def test_the_worker_reads_sums_only_and_nothing_that_blames():
    found = rows(annual_income_fen=3_000_000, main_cause="other")
    assert found["annual_income_fen"].plain == (
        "如果近 12 个月家庭可支配收入不超过 ¥26,999.99（现在记的是 ¥30,000.00），就合条件了。"
    )
    assert not found["main_cause"].plain
    hidden = changes(kaiyuan(), household(has_hidden_income=True), ON, "temporary_living")
    assert hidden and not any(row.plain for row in hidden)


def test_while_it_is_unknown_nothing_is_told():
    assert changes(kaiyuan(), household(annual_income_fen=None), ON, "temporary_living") == []


def test_entry_is_asked_where_no_programme_is():
    facts = household(annual_income_fen=3_000_000, main_cause="other", programme=None, asked_fen=None)
    assert changes(kaiyuan(), facts, ON)[0].clause == "五（一）"


def test_a_rounded_quotient_is_searched():
    """per() rounds: the walk knows no cut, so the nearest value is looked for on both sides."""
    pack = pack_with("per(household_size * 10, 4, 'half_up') >= 20")
    row = changes(pack, {"household_size": 3}, ON)[0]
    assert row.new == 8 and row.sentence.startswith("家庭人口再高 5 人就符合第二条")


def test_a_member_is_named_by_her_place():
    pack = pack_with("any_of(members, school_stage = 'university')")
    facts = {"members": [{"school_stage": "none"}, {"school_stage": "none"}]}
    assert [row.title.split()[:2] for row in changes(pack, facts, ON)] == [["家庭成员", "1"], ["家庭成员", "2"]]


@pytest.mark.parametrize("folder", sorted(path.name for path in (ROOT / "policies").iterdir() if (path / "pack.yaml").exists()))
def test_whatever_is_told_of_the_examples_of_a_pack_is_so(folder):
    pack = load_pack(ROOT / "policies" / folder)
    for example in pack.examples[:4]:
        if "facts" not in example.__dict__ or not example.facts or "plan" in example.facts:
            continue
        asked = example.facts.get("programme")
        for row in changes(pack, example.facts, example.on or date(2020, 1, 1), asked)[:6]:
            if "[" in row.path:
                continue
            after = evaluate(pack, {**example.facts, row.path: row.new}, example.on)
            assert (after.programme(asked).outcome if asked else after.outcome) == row.to, (example.name, row)
