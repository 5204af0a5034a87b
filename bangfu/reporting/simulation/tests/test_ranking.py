"""Where money is short, the fund's own rules say who comes first, and nobody is passed over for a smaller sum."""

from __future__ import annotations

import pytest

from bangfu.policy.flow import drafts
from bangfu.policy.reading import read_files, to_zip
from bangfu.process.tests.makers import AT
from bangfu.reporting.simulation import flow
from bangfu.reporting.simulation.tests.conftest import FROM

LOW_FIRST = "    priority:\n      - {clause: 十三（一）, text: 人均收入低的在先, by: per_capita_income_fen, first: low}\n"


def with_priority(place):
    """The rules with one more line: who comes first."""
    files = dict(read_files(bytes(place.version.content)).files)
    money = files["money.yaml"].decode()
    assert "    floor: fund_floor_fen\n" in money
    files["money.yaml"] = money.replace("    floor: fund_floor_fen\n", LOW_FIRST + "    floor: fund_floor_fen\n").encode()
    return drafts.open_draft(
        to_zip(files), unit=place.world.organisation, valid_from=FROM, by=place.policy, at=AT, based_on=place.version
    )


def fund_of(place, draft):
    scenario = flow.run(flow.of_draft(draft, by=place.policy, at=AT), at=AT)
    return next(row for row in scenario.result["sides"]["B"]["fund"] if row["id"] == "relief")


def test_money_that_reaches_for_all_is_not_ranked(place):
    assert fund_of(place, place.raised())["ranking"] is None


@pytest.mark.parametrize("money_fen, served", [(1_000_000, 0), (1_000_000 + 1_500_000, None)])
def test_the_poorest_come_first_until_the_money_ends(place, money_fen, served):
    ledger_fund = place.world.fund
    type(ledger_fund).objects.filter(pk=ledger_fund.pk).update(balance_fen=money_fen)  # the floor is 10,000 yuan
    row = fund_of(place, with_priority(place))
    found = row["ranking"]
    assert found["money_fen"] == money_fen - row["floor_fen"]
    assert found["served_fen"] <= found["money_fen"] and found["served_fen"] + found["unserved_fen"] == row["fen_now"]
    assert found["rules"] == [{"clause": "十三（一）", "text": "人均收入低的在先"}] and found["unserved"] > 0
    assert served is None or found["served"] == served
    assert found["cut"] == found["served"] + 1


def test_without_rules_of_its_own_the_graver_class_comes_first(place):
    type(place.world.fund).objects.filter(pk=place.world.fund.pk).update(balance_fen=1_000_000)
    found = fund_of(place, place.raised())["ranking"]
    assert found["rules"] == []
