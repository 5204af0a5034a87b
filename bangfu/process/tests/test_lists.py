"""名单: one approval, many payouts; doubles are shown; one household can leave the list."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bangfu.disclosure import flow as disclosure
from bangfu.disclosure.models import Notice
from bangfu.household.flow import file_household
from bangfu.household.rows import FileRow, MemberRow
from bangfu.household.tests.makers import identity
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Disbursement, Hold, Voucher
from bangfu.lib.errors import Refused
from bangfu.process import flow
from bangfu.process.models import Award, Case
from bangfu.process.tests.conftest import kinds
from bangfu.process.tests.makers import AT, Play, household, key


def many(place, count: int, start: int = 101):
    return [
        household(place.unit, serial=start + 2 * n, name=f"职工{'甲乙丙丁戊己庚辛壬癸'[n % 10]}{n // 10 or ''}")
        for n in range(count)
    ]


@pytest.fixture
def gifts(place):
    """A list of four households of the spring gift 2026 (2,000 each)."""
    play = Play(place, at=AT)
    play.case = flow.start_list(place.organisation, "spring_gift", many(place, 4), period="2026", by=place.officer, at=play.now())
    return play


def to_pay(play: Play) -> Play:
    place = play.world
    play.act(flow.settle_list, by=place.officer)
    play.post()
    play.now(days=8)
    play.act(flow.close_notice, by=place.officer)
    return play.agenda().vote(amount_fen=None)


def test_every_household_is_assessed_and_gets_its_own_award(gifts):
    awards = list(Award.objects.filter(case=gifts.case))
    assert len(awards) == 4 and {award.suggested_fen for award in awards} == {200_000}
    assert all(award.assessment is not None for award in awards)
    assert [award.number for award in awards][:2] == ["KY-A2026-0001-01", "KY-A2026-0001-02"]
    assert gifts.case.stage_kind == "propose" and kinds(gifts)[-1] == "process.list_opened"


def test_one_motion_one_notice_and_a_payout_by_the_list(gifts, place):
    play = to_pay(gifts)
    assert play.case.stage_kind == "pay" and Notice.objects.count() == 1
    assert len(Notice.objects.get().channels.get(channel="board").rows) == 4
    rows = list(Disbursement.objects.filter(award__case=play.case))
    assert len(rows) == 4 and {row.entitlement_key for row in rows} == {f"spring_gift:2026:{row.household_no}" for row in rows}
    batch = ledger.make_batch([row.pk for row in rows], form_key=key(), by=place.cashier, at=play.now())
    ledger.confirm_lines(batch.lines.all(), bank_ref="ICBC1", form_key=key(), by=place.accountant, at=play.now())
    assert Voucher.objects.filter(kind="payment").count() == 1 and play.fresh().stage_kind == "pay"
    assert play.case.steps.filter(act="paid").count() == 1
    for row in Disbursement.objects.filter(award__case=play.case):
        ledger.sign_receipt(row, "payer", how="clicked", by=place.cashier, at=play.now(minutes=1))
        ledger.sign_receipt(row, "payee", how="paper", picture=_png(), by=place.clerk, at=play.now(minutes=1))
    assert play.fresh().stage_kind == "close"
    play.close()
    assert play.case.state == "closed"


def _png() -> bytes:
    import io

    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(out, "PNG")
    return out.getvalue()


def test_the_same_period_cannot_be_given_twice(gifts, place):
    households = [award.household for award in gifts.case.awards.all()]
    with pytest.raises(Refused, match="已在 KY-A2026-0001 的名单上"):
        flow.start_list(place.organisation, "spring_gift", households, period="2026", by=place.officer, at=gifts.now())
    flow.start_list(place.organisation, "spring_gift", households, period="2027", by=place.officer, at=gifts.now())


def test_both_spouses_with_a_file_each_are_shown_as_one_family(place):
    one, two = many(place, 2)
    wife = one.members.get(relation="spouse")
    child = two.members.get(relation="child")
    child.identity = wife.identity
    child.save()
    with pytest.raises(Refused, match="同一家人"):
        flow.start_list(place.organisation, "spring_gift", [one, two], period="2026", by=place.officer, at=AT)
    assert not Case.objects.exists()


def test_a_household_that_the_rules_do_not_name_is_refused_by_name(place):
    clue = file_household(
        FileRow(unit=place.unit, head_name="李外人", identity=identity(399), main_cause="own_illness", head=MemberRow(name="李外人")),
        by=None, at=AT,
    )  # fmt: skip
    clue.state, clue.exit_reason = "lifted", "1"
    clue.save()
    with pytest.raises(Refused, match="李外人"):
        flow.start_list(place.organisation, "spring_gift", [clue], period="2026", by=place.officer, at=AT)


def test_only_the_office_starts_lists_and_only_of_its_own_units(place):
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        flow.start_list(place.unit, "spring_gift", many(place, 1), period="2026", by=place.clerk, at=AT)
    elsewhere = household(place.other_unit, serial=501, name="别处人")
    with pytest.raises(Refused, match="别的单位"):
        flow.start_list(place.unit, "spring_gift", [elsewhere], period="2026", by=place.officer, at=AT)


def test_an_upheld_objection_takes_one_household_off_and_the_list_goes_on(gifts, place):
    gifts.act(flow.settle_list, by=place.officer)
    gifts.post()
    award = gifts.case.awards.get(position=2)
    raised = disclosure.raise_objection(
        Notice.objects.get(), text="他家有两套房，请核实。", is_named=False, case_number=award.number, at=gifts.now()
    )
    assert list(Hold.objects.open().values_list("origin", flat=True)) == [f"process.award:{award.pk}"]
    disclosure.answer_objection(raised, answer="经核实确有第二套住房。", upheld=True, by=place.head, at=gifts.now())
    award.refresh_from_db()
    assert award.dropped_reason == "异议成立" and gifts.fresh().stage_kind == "notice"
    gifts.now(days=8)
    gifts.act(flow.close_notice, by=place.officer)
    gifts.agenda().vote(amount_fen=None)
    assert Disbursement.objects.filter(award__case=gifts.case).count() == 3


def test_a_household_is_dropped_with_a_reason_and_the_last_one_stays(gifts, place):
    awards = list(gifts.case.awards.all())
    for award in awards[:3]:
        gifts.act(flow.drop_award, award=award, reason="本人已调离", by=place.officer)
    with pytest.raises(Refused, match="只剩这一户"):
        gifts.act(flow.drop_award, award=awards[3], reason="本人已调离", by=place.officer)
    assert gifts.case.awards.filter(dropped_reason=None).count() == 1


def test_dropping_after_the_reservation_frees_the_money(gifts, place):
    play = to_pay(gifts)
    award = play.case.awards.first()
    play.act(flow.drop_award, award=award, reason="本人放弃慰问金", by=place.head)
    award.refresh_from_db()
    assert award.disbursement.state == "released"
    from bangfu.ledger.models import Fund

    assert Fund.objects.get(code="gift").reserved_fen == 600_000


def test_few_statements_an_award(place):
    """Starting a list and reserving it: the statements for four more households are counted, not guessed."""

    def statements(count: int, start: int, period: str) -> tuple[int, int]:
        households = many(place, count, start)
        play = Play(place, at=AT + timedelta(days=start))
        with CaptureQueriesContext(connection) as starting:
            play.case = flow.start_list(
                place.organisation, "spring_gift", households, period=period, by=place.officer, at=play.now()
            )
        play.act(flow.settle_list, by=place.officer)
        play.post()
        play.now(days=8)
        play.act(flow.close_notice, by=place.officer)
        play.agenda()
        with CaptureQueriesContext(connection) as deciding:
            play.vote(amount_fen=None)
        return len(starting), len(deciding)

    small, large = statements(2, 201, "2026"), statements(6, 301, "2027")
    assert (large[0] - small[0]) / 4 <= 4
    assert (large[1] - small[1]) / 4 <= 16


def test_the_page_previews_without_writing_and_starts_what_is_ticked(client, place, settings):
    households = many(place, 3)
    settings.CLOCK = lambda: AT
    client.force_login(place.officer)
    query = {"programme": "spring_gift", "period": "2026", "unit": place.organisation.pk, "title": "", "grade": "", "cause": ""}
    page = client.get("/campaigns/", query).content.decode()
    assert "职工甲" in page and "2,000.00" in page and not Case.objects.exists()
    answer = client.post("/campaigns/", query | {"pick": [households[0].pk, households[1].pk]})
    assert answer.status_code == 302 and Case.objects.get().awards.count() == 2
    assert client.post("/campaigns/", query | {"pick": [households[0].pk]}).status_code == 422
    assert client.post("/campaigns/", query | {"pick": []}).status_code == 422
    client.force_login(place.clerk)
    assert client.post("/campaigns/", query | {"pick": [households[2].pk]}).status_code == 403
    assert Case.objects.count() == 1
