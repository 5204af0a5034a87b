"""The pages of the rules, through the browser's door."""

import re
from datetime import date

import pytest
from django.db import connection
from django.template.loader import render_to_string
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, department, organisation
from bangfu.policy.evaluation import evaluate
from bangfu.policy.explain import explain, explain_outcome
from bangfu.policy.flow import adopt, assess
from bangfu.policy.tests.makers import AT, ON, household, kaiyuan, kaiyuan_bytes
from bangfu.policy.tests.test_rules_in_force import START

pytestmark = pytest.mark.django_db

PAID = [{"paid_programme": "temporary_living", "paid_fen": 900_000, "paid_year": 2017, "paid_by": "own", "is_to_applicant": True}]


@pytest.fixture
def world(clock):
    union = organisation()
    unit_1, unit_2 = department(union, "ky-1", "设备部"), department(union, "ky-2", "营销部")
    version = adopt(kaiyuan_bytes(), unit=union, valid_from=START, by=None, at=AT)
    facts = household(asked_fen=500_000, payments=PAID, sources={"annual_income_fen": "近 12 个月工资流水"})
    made = assess(version, "process.case:1", facts, on=ON, unit=unit_1, by=None, at=AT)
    return {
        "version": version,
        "assessment": made,
        "li": account("li", Role.UNIT_CLERK, unit_1),
        "wang": account("wang", Role.UNIT_CLERK, unit_2),
        "worker": account("worker", Role.WORKER, unit_1),
        "stranger": account("stranger", Role.OFFICE_HEAD, organisation("hebi", "HB", "鹤壁公司")),
    }


def get(client, person, name, *args):
    client.force_login(person)
    return client.get(reverse(name, args=args))


def test_staff_see_the_rules_of_their_organisation(client, world):
    text = get(client, world["li"], "policies").content.decode()
    assert "困难职工帮扶办法" in text and "施行中" in text and "示范〔2016〕1号" in text
    assert "困难职工帮扶办法" not in get(client, world["stranger"], "policies").content.decode()


def test_a_version_tells_when_it_was_adopted(client, world):
    text = get(client, world["li"], "policy", world["version"].pk).content.decode()
    assert "经过" in text and "颁布办法" in text


def test_text_and_rules_are_one_click_apart(client, world):
    version = world["version"]
    page = get(client, world["li"], "policy", version.pk).content.decode()
    law = client.get(version.text_url).content.decode()
    to_rules = set(re.findall(rf'href="{version.get_absolute_url()}#([^"]+)"', law))
    assert len(to_rules) > 20 and to_rules <= set(re.findall(r'id="([^"]+)"', page))
    to_text = set(re.findall(rf'href="{version.text_url}#([^"]+)"', page))
    assert len(to_text) > 20 and to_text <= set(re.findall(r'id="([^"]+)"', law))


def test_the_standards_stand_with_their_days_and_demo_values_are_marked(client, world):
    text = get(client, world["li"], "policy", world["version"].pk).content.decode()
    for word in (
        "¥1,500.00",
        "¥2,000.00",
        "2018-01-01",
        "示范值",
        "出处没有写当地低保标准",
        "10 个工作日",
        world["version"].sha256,
    ):
        assert word in text


def test_each_clause_of_the_text_can_be_reached_by_its_number(client, world):
    text = get(client, world["worker"], "policy-text", world["version"].pk).content.decode()
    for clause in ("五（一）", "九（二）", "十二（五）", "八"):
        assert f'id="{clause}"' in text
    assert "{#" not in text


@pytest.mark.parametrize("name", ["policy", "policy-text"])
def test_rules_of_another_organisation_are_not_there(client, world, name):
    assert get(client, world["stranger"], name, world["version"].pk).status_code == 404


def test_an_assessment_shows_each_comparison_to_its_own_unit_only(client, world):
    made = world["assessment"]
    text = get(client, world["li"], "assessment", made.pk).content.decode()
    for word in (
        "¥1,000.00",
        "已领 ¥9,000.00，还可领 ¥1,000.00",
        "不满足，已减额",
        "annual_income_fen * 1000",
        "近 12 个月工资流水",
    ):
        assert word in text, word
    assert f"{world['version'].text_url}#九（二）" in text
    assert get(client, world["wang"], "assessment", made.pk).status_code == 404
    assert get(client, world["stranger"], "assessment", made.pk).status_code == 404


def test_the_list_asks_the_database_no_more_for_more_rows(client, world):
    client.force_login(world["li"])

    def statements():
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("policies"))
        return len(asked)

    statements()  # the first visit also looks up what is then kept
    one = statements()
    for year in (2027, 2028, 2029):
        adopt(kaiyuan_bytes(), unit=world["version"].unit, valid_from=date(year, 1, 1), by=None, at=AT)
    assert statements() == one


# --- the partials, as other pages use them ---


def shown(facts, programme="temporary_living"):
    explanation = explain_outcome(evaluate(kaiyuan(), facts, ON), kaiyuan(), programme, text_url="/text/")
    return render_to_string("policy/_suggestion.html", {"explanation": explanation}) + render_to_string(
        "policy/_reasons.html", {"explanation": explanation}
    )


def test_a_reduced_amount_shows_the_numbers_it_is_the_least_of(world):
    text = shown(household(asked_fen=500_000, payments=PAID))
    assert "申请 ¥5,000.00，按九（二）“每人每年累计不超过 10,000 元”，减 ¥4,000.00。" in text
    for word in ("限额内还可领", "（取这个数）", "若照申请", "¥14,000.00", "¥500.00 × 1.5 = ¥750.00", "没有这种情形"):
        assert word in text, word


def test_what_is_missing_says_whom_to_ask(world):
    text = shown(household(is_aided_elsewhere=None))
    assert "待查：问市总工会" in text and "还缺：同一事由已从别处领取" in text and "bf-st due" in text


def test_a_refusal_names_the_clause(world):
    text = shown(household(is_aided_elsewhere=True))
    assert "不符合条件" in text and "按九（三）“同一事由没有从别处重复领取”，不符合。" in text


def test_the_worker_reads_no_clause_and_no_grade(world):
    paid = explain_outcome(evaluate(kaiyuan(), household(asked_fen=500_000, payments=PAID), ON), kaiyuan(), "temporary_living")
    assert paid.worker_lines == [
        "您申请 ¥5,000.00，按办法“每人每年累计不超过 10,000 元”，建议 ¥1,000.00。",
        "最后由评审会决定。",
    ]
    missing = explain_outcome(evaluate(kaiyuan(), household(annual_income_fen=None), ON), kaiyuan(), "temporary_living")
    assert missing.worker_lines[0] == "还要核实：近 12 个月家庭可支配收入。请问本人。"
    for lines in (paid.worker_lines, missing.worker_lines):
        assert not any(word in line for line in lines for word in ("特困", "特别困难", "贫困", "九（"))


def test_a_stored_assessment_explains_itself(world):
    explanation = explain(world["assessment"], "temporary_living")
    assert explanation.amount_fen == 100_000 and explanation.class_title == "长期困难"
    assert explanation.counts.endswith("。")
