"""Two versions in words; two outcomes of the same facts clause by clause."""

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, department, organisation
from bangfu.policy.difference import inheritance, outcomes, today_s, versions
from bangfu.policy.evaluation import evaluate
from bangfu.policy.flow import adopt, assess
from bangfu.policy.loading import load_pack
from bangfu.policy.reading import read_files, to_zip
from bangfu.policy.tests.makers import KAIYUAN, ON, ROOT, household, kaiyuan, kaiyuan_bytes
from bangfu.policy.tests.test_rules_in_force import START


def changed(file: str, was: str, now: str) -> bytes:
    files = dict(read_files(KAIYUAN).files)
    text = files[file].decode()
    assert was in text, was
    return to_zip(
        {
            **{name: body for name, body in files.items() if not name.startswith("examples/")},
            file: text.replace(was, now, 1).encode(),
        }
    )


def test_the_same_pack_differs_in_nothing():
    assert versions(kaiyuan(), kaiyuan()) == []


def test_a_new_value_of_a_parameter_tells_old_new_and_from_when():
    name = next(iter(kaiyuan().parameters))
    standard = kaiyuan().parameters["area_line_fen"] if "area_line_fen" in kaiyuan().parameters else kaiyuan().parameters[name]
    text = read_files(KAIYUAN).files["parameters.yaml"].decode()
    first = text.index("values:", text.index(f"{standard.name}:"))
    rest = text[first:]
    more = rest.replace(
        "values:\n", "values:\n    - {from: 2030-01-01, value: 900元, document_no: 示范〔2030〕1号, source: 示例}\n", 1
    )
    files = {**read_files(KAIYUAN).files, "parameters.yaml": (text[:first] + more).encode()}
    rows = versions(kaiyuan(), load_pack(to_zip(files)))
    assert [row.part for row in rows] == ["parameters"]
    assert "从 2030-01-01 起由" in rows[0].sentence and "调为 ¥900.00" in rows[0].sentence and "示范〔2030〕1号" in rows[0].sentence


def test_a_programme_that_is_gone_or_changed_is_named():
    old = kaiyuan()
    new = load_pack(changed("programmes.yaml", f"title: {old.programmes[0].title}", "title: 新名称"))
    rows = [row for row in versions(old, new) if row.part == "programmes"]
    assert len(rows) == 1 and rows[0].state == "changed" and "新名称" in rows[0].now


def test_a_clause_of_the_text_is_shown_then_and_now():
    line = next(row for row in KAIYUAN.joinpath("regulation.md").read_text().splitlines() if "{#五（一）}" in row)
    rows = versions(kaiyuan(), load_pack(changed("regulation.md", line, line.replace("{#", "（新） {#"))))
    assert [(row.part, row.clause) for row in rows] == [("texts", "五（一）")] and rows[0].now.endswith("（新）")


def test_what_a_pack_inherits_stands_with_its_origin():
    rows = inheritance(load_pack(ROOT / "policies" / "hubei"))
    assert {row.state for row in rows} >= {"own", "inherited"} and all(row.title for row in rows)


def test_two_outcomes_differ_clause_by_clause():
    before = evaluate(kaiyuan(), household(), ON)
    after = evaluate(kaiyuan(), household(annual_income_fen=5_000_000, main_cause="other"), ON)
    found = outcomes(kaiyuan(), before, kaiyuan(), after, "temporary_living")
    assert "结果：当时符合，按现行办法不符合。" in found.sentences
    row = next(row for row in found.clauses if row.clause == "五（一）")
    assert (row.was_truth, row.now_truth) == ("true", "false") and row.was.startswith("¥700.00")
    assert outcomes(kaiyuan(), before, kaiyuan(), before).is_same
    assert today_s(kaiyuan(), before, kaiyuan(), household(), ON, "temporary_living").is_same


@pytest.mark.django_db
def test_the_pages_show_them_to_their_own_people_only(client, clock):
    union = organisation()
    unit = department(union, "ky-1", "设备部")
    at = datetime(2017, 6, 1, 2, 0, tzinfo=UTC)
    first = adopt(kaiyuan_bytes(), unit=union, valid_from=START, by=None, at=at)
    line = next(row for row in KAIYUAN.joinpath("regulation.md").read_text().splitlines() if "{#五（一）}" in row)
    files = {**read_files(KAIYUAN).files}
    files["regulation.md"] = files["regulation.md"].decode().replace(line, line.replace("{#", "（新） {#")).encode()
    second = adopt(to_zip(files), unit=union, valid_from=date(2030, 1, 1), by=None, at=at)
    made = assess(first, "process.case:1", household(), on=ON, unit=unit, by=None, at=at)
    client.force_login(account("li", Role.UNIT_CLERK, unit))
    text = client.get(reverse("policy-changes", args=[second.pk])).content.decode()
    assert "第五（一）条的文字改了。" in text and "（新）" in text
    assert "这是第一个版本" in client.get(reverse("policy-changes", args=[first.pk])).content.decode()
    text = client.get(reverse("assessment-today", args=[made.pk])).content.decode()
    assert "按现行办法" in text and "原来的评定不变" in text
    assert "按现行办法" in client.get(reverse("assessment", args=[made.pk])).content.decode()
    client.force_login(account("stranger", Role.OFFICE_HEAD, organisation("hebi", "HB", "鹤壁公司")))
    for name, pk in (("policy-changes", second.pk), ("assessment-today", made.pk)):
        assert client.get(reverse(name, args=[pk])).status_code == 404
