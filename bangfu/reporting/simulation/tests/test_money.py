"""The year's money cut by programme, source, unit and month: every fen in one cell, whichever way it is cut."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.urls import reverse

from bangfu.ledger import flow as ledger
from bangfu.lib.spreadsheet import read
from bangfu.policy.queries import pack_of
from bangfu.process.tests.makers import AT
from bangfu.reporting.simulation import flow
from bangfu.reporting.simulation.cutting import DIMENSIONS, summed
from bangfu.reporting.simulation.money import Money, funds, purses_of
from bangfu.reporting.simulation.sourcing import cube, received, sources
from bangfu.reporting.simulation.tests.conftest import FROM, Place


@pytest.fixture
def done(place: Place):
    draft = place.raised()
    return flow.run(flow.of_draft(draft, by=place.world.head, at=AT), at=AT)


def income(place: Place, source: str, yuan: int, day=None) -> None:
    day = day or AT.date() - timedelta(days=30)
    ledger.receive(
        place.world.fund, amount_fen=yuan * 100, source=source, day=day, form_key=f"in-{source}-{day}-{yuan}",
        by=place.world.accountant, at=AT,
    )  # fmt: skip


def test_every_cut_adds_up_to_the_same(done):
    side = done.result["sides"]["B"]
    total, cells = side["total"], cube(side)
    for by in DIMENSIONS:
        sums = summed(cells, by, {})
        assert [sum(one[place] for one in sums.values()) for place in (0, 1)] == [total["fen_was"], total["fen_now"]], by
    assert {key: tuple(one) for key, one in summed(cells, "programme", {}).items()} == {
        row["id"]: (row["fen_was"], row["fen_now"]) for row in side["programme"] if row["fen_was"] or row["fen_now"]
    }
    assert {key: tuple(one) for key, one in summed(cells, "unit", {}).items()} == {
        row["code"]: (row["fen_was"], row["fen_now"]) for row in side["unit"]
    }
    assert [tuple(one) for one in summed(cells, "month", {}).values()] == [
        (row["fen_was"], row["fen_now"]) for row in side["month"]
    ]


def test_sources_are_used_in_the_order_of_the_rules_then_the_balance_then_there_is_a_gap(place):
    income(place, "4", 500)
    income(place, "5", 300)
    income(place, "6", 200, day=AT.date() - timedelta(days=800))  # too long ago
    type(place.world.fund).objects.filter(pk=place.world.fund.pk).update(balance_fen=1_050_000)  # the floor is 10,000 yuan
    side = flow.run(flow.of_draft(place.raised(), by=place.world.head, at=AT), at=AT).result["sides"]["B"]
    listed = [row for row in side["sources"] if row["fund"] == "relief"]
    assert [row["title"] for row in listed][:3] == ["本级工会经费", "单位行政拨款", "上级工会拨付"]
    money = {row["id"]: row["money_fen"] for row in listed}
    used = {key: one[1] for key, one in summed(cube(side), "source", {}).items() if key.startswith("relief:")}
    wanted = {"relief:本级工会经费": 50_000, "relief:单位行政拨款": 30_000, "relief:balance": 50_000}
    asked = sum(row["fen_now"] for row in side["programme"] if row["fund"] == "relief")
    assert used == wanted | {"relief:gap": asked - 130_000} and all(used[one] == money[one] for one in wanted)


def test_what_came_in_is_found_by_the_words_of_the_rules_and_a_minimum_counts(place):
    """The national rules name central money first; in Xi'an the county's minimum counts where less came in (S2-5)."""
    from bangfu.policy.loading import load_pack
    from bangfu.process.tests.makers import PACK

    pack = load_pack(PACK.parent / "national")
    listed = sources(pack, {"special": {"1": 700, "9": 20}}, {}, {}, FROM)
    assert listed[0]["title"] == "中央财政专项" and listed[0]["programmes"] and listed[0]["money_fen"] == 700
    assert [row["money_fen"] for row in listed if row["title"] == "其他合法来源"] == [20] and listed[-1]["id"] == "special:gap"
    xian = load_pack(PACK.parent / "xian")
    fiscal = next(row for row in sources(xian, {}, {}, {}, FROM) if row["minimum_fen"])
    assert fiscal["money_fen"] == fiscal["minimum_fen"] > 0 == fiscal["brought_fen"]


def test_the_books_of_a_past_day_are_those_of_that_day(place):
    before = purses_of(place.world.organisation, AT.date(), AT.date())["relief"].available_fen
    income(place, "4", 500, day=AT.date())
    now = AT.date() + timedelta(days=9)
    assert purses_of(place.world.organisation, now, now)["relief"].available_fen == before + 50_000
    assert purses_of(place.world.organisation, AT.date() - timedelta(days=1), now)["relief"].available_fen == 0
    assert received(place.world.organisation, now)["relief"]["4"] >= 50_000


def test_money_for_some_programmes_only_is_used_first_and_for_nothing_else():
    def source(name, fen, *programmes):
        return {"id": f"f:{name}", "fund": "f", "money_fen": fen, "programmes": list(programmes)}

    side = {
        "programme": [{"id": one, "fund": "f", "fund_was": "f"} for one in ("p", "q")],
        "weights": {"p": [1] * 12, "q": [1] * 12},
        "unit_programme": [{"programme": one, "unit": 1, "fen_was": 0, "fen_now": 120} for one in ("p", "q")],
        "sources_was": [],
        "sources": [source("kept", 150, "q"), source("any", 20), source("gap", None)],
    }
    cells = cube(side)
    assert {key: one[1] for key, one in summed(cells, "source", {}).items()} == {"f:kept": 120, "f:any": 20, "f:gap": 100}
    assert {key: one[1] for key, one in summed(cells, "source", {"programme": "q"}).items()} == {"f:kept": 120}
    assert [cell.month for cell in cells if cell.source == "f:any"] == [0, 1]


def test_the_page_drills_down_and_says_against_what(client, place, done):
    client.force_login(place.world.head)
    page = client.get(done.get_absolute_url(), {"part": "cut"}).content.decode()
    assert "按资金来源" in page and "按单位" in page and "长期困难救助" in page and "<svg" in page
    inside = client.get(done.get_absolute_url(), {"part": "cut", "programme": "long_term", "by": "unit"}).content.decode()
    assert "项目：长期困难救助" in inside and "物资供应部" in inside and "去掉条件：项目" in inside
    assert client.get(done.get_absolute_url(), {"part": "cut", "programme": "'\"", "by": "x", "month": "99"}).status_code == 200
    month = client.get(done.get_absolute_url(), {"part": "cut", "month": "0", "programme": "long_term", "unit": place.world.unit.pk,
                                                 "source": "relief:gap"})  # fmt: skip
    assert month.status_code == 200
    money = client.get(done.get_absolute_url(), {"part": "money"}).content.decode()
    assert "逐月还剩多少" in money and 'role="img"' in money


def test_who_reads_no_files_cuts_by_no_unit(client, place):
    place.add_files(6)
    done = flow.run(flow.of_draft(place.raised(), by=place.policy, at=AT), at=AT)
    client.force_login(place.policy)
    unit = place.world.unit
    for asked in ({"by": "unit"}, {"unit": unit.pk, "by": "programme"}, {"programme": "long_term", "by": "unit"}):
        page = client.get(done.get_absolute_url(), {"part": "cut", **asked}).content.decode()
        assert unit.name not in page and "by=unit" not in page and "不能按单位细分" in page
    book = read(client.get(reverse("simulation-workbook", args=[done.pk]) + "?what=money").content, "a.xlsx")
    assert unit.name not in str([[cell.value for cell in row] for row in book.rows])


def test_the_workbook_and_the_command_hold_every_cell(client, place, done, capsys):
    client.force_login(place.world.head)
    side = done.result["sides"]["B"]
    book = read(client.get(reverse("simulation-workbook", args=[done.pk]) + "?what=money").content, "a.xlsx")
    lines = [[cell.value for cell in row] for row in book.rows]
    text = str(lines)
    assert "物资供应部" in text and "2027-01" in text and "合计" in text and "预算" in text
    call_command("policy_simulate", "--b", f"draft-{place.raised('long_term_fen', '1300').pk}", "--on", "2027-01-01", "--json")
    found = json.loads(capsys.readouterr().out)
    cells = found["money"]["B"]
    assert sum(cell["fen_was"] for cell in cells) == side["total"]["fen_was"]
    assert {cell["unit"] for cell in cells} == {place.world.unit.code, place.world.other_unit.code}


def test_next_years_budget_is_last_years_spending_raised(place, done):
    """S1-12: last year's spending and a tenth."""
    fund = next(row for row in done.result["sides"]["B"]["fund"] if row["id"] == "relief")
    assert fund["budget_fen"] is None and fund["budget_of"] is None  # nothing was paid in the year before
    spent = {"relief": Money(AT.date(), 5_000_000, {2026: 900_000, 2025: 1})}
    row = funds(pack_of(place.version), spent, [], [], {}, FROM)[0]
    assert row["budget_fen"] == 990_000
    assert row["budget_of"] == {"year": 2026, "until": AT.date().isoformat(), "spent_fen": 900_000, "raise_permille": 100}
