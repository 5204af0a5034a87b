"""ADR 9, door by door: one's own case, one's kin's and one's household's answer 404 or a blank line, and no act on them goes through."""

from __future__ import annotations

from typing import Any

import pytest

from bangfu.access import kin
from bangfu.disclosure import flow as disclosure
from bangfu.disclosure.models import Notice, NoticeChannel, Objection
from bangfu.governance import flow as governance
from bangfu.governance import minutes
from bangfu.governance.models import Motion, Recusal, Resolution
from bangfu.household.flow import declare_kinship, enrol_staff
from bangfu.household.rows import StaffRow
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import BatchLine, Disbursement, Hold
from bangfu.lib.errors import Refused
from bangfu.policy.models import Assessment
from bangfu.process import flow
from bangfu.process.models import Case
from bangfu.process.tests.makers import AT, Play, another, household

STAFF = ("clerk", "chair", "officer", "head", "cashier", "accountant", "auditor", "committee")


@pytest.fixture
def town(at_stage, place, settings):
    """A case that is approved, with an objection that waits and a hold; and one whose motion waits in the open session."""
    play = at_stage("pay")
    disclosure.raise_objection(
        Notice.objects.get(), text="来信：他家还有一套房。", is_named=True, name="李四", contact="13800000000", by=place.clerk,
        at=play.now(),
    )  # fmt: skip
    return play


def who_of(place: Any, name: str) -> Any:
    return place.members[0] if name == "committee" else getattr(place, name)


def related(play: Play, who: Any) -> None:
    declare_kinship(play.household, who, "表亲", by=who, at=play.at)
    who.__dict__.pop("_posts", None)


def ids(play: Play) -> dict[str, Any]:
    return {
        "case": play.case.number, "notice": Notice.objects.latest("pk").pk, "motion": Motion.objects.latest("pk").pk,
        "session": Motion.objects.latest("pk").session_id, "money": play.row.pk, "objection": Objection.objects.get().pk,
        "hold": Hold.objects.get().pk, "assessment": play.award.assessment_id,
    }  # fmt: skip


#: (address, a role that reaches it)
PAGES = [
    ("/cases/{case}/", "clerk"), ("/cases/{case}/", "auditor"), ("/cases/{case}/approval.pdf", "officer"),
    ("/cases/{case}/application/", "head"), ("/notices/{notice}/", "clerk"), ("/notices/{notice}/", "chair"),
    ("/notices/{notice}/print/board/", "officer"), ("/notices/{notice}/proof/", "auditor"), ("/motions/{motion}/", "officer"),
    ("/motions/{motion}/", "auditor"), ("/motions/{motion}/", "committee"), ("/disbursements/{money}/", "cashier"),
    ("/disbursements/{money}/", "accountant"), ("/disbursements/{money}/", "auditor"), ("/assessments/{assessment}/", "officer"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "name"), PAGES)
def test_a_page_that_opens_for_others_is_not_there_for_kin(town, client, place, address, name):
    who, url = who_of(place, name), address.format(**ids(town))
    client.force_login(who)
    assert client.get(url).status_code == 200, url
    related(town, who)
    assert client.get(url).status_code == 404


ACTS = [
    ("/notices/{notice}/objections/", "clerk"), ("/notices/{notice}/removal/", "officer"), ("/objections/{objection}/answer/", "head"),
    ("/objections/{objection}/objector/", "auditor"), ("/motions/{motion}/removal/", "head"), ("/cases/{case}/refusal/", "head"),
    ("/cases/{case}/reservation/", "head"), ("/cases/{case}/objection/", "clerk"), ("/disbursements/{money}/release/", "head"),
    ("/disbursements/{money}/hold/", "officer"), ("/disbursements/{money}/account/", "accountant"), ("/holds/{hold}/lifting/", "head"),
    ("/holds/{hold}/lifting/", "auditor"),
]  # fmt: skip


@pytest.mark.parametrize(("address", "name"), ACTS)
def test_an_act_of_kin_finds_nothing_to_act_on(town, client, place, address, name):
    who, url = who_of(place, name), address.format(**ids(town))
    related(town, who)
    client.force_login(who)
    assert client.post(url, {"reason": "改期", "version": town.fresh().version}).status_code == 404, url
    assert town.row.state == "reserved" and Hold.objects.open().count() == 1 and Objection.objects.get().answered_at is None


def test_even_past_the_pages_kin_takes_nothing_down_answers_releases_or_takes_off_nothing(town, place):
    notice, row, motion = Notice.objects.get(), town.row, Motion.objects.get()
    related(town, place.head)
    acts = [
        lambda: disclosure.answer_objection(
            Objection.objects.get(), answer="不属实，维持。", upheld=False, by=place.head, at=town.now()
        ),
        lambda: disclosure.show_objector(Objection.objects.get(), reason="verify", by=place.head, at=town.now()),
        lambda: disclosure.take_down(notice, reason="改期", by=place.head, at=town.now()),
        lambda: ledger.release(row, reason="不要了", by=place.head, at=town.now()),
        lambda: ledger.lift_hold(Hold.objects.get(), why="没事", by=place.head, at=town.now()),
        lambda: town.act(flow.reserve_again, by=place.head),
        lambda: governance.put_on_agenda(motion.session, motion.subject, title="临时生活救助", by=place.head, at=town.now()),
    ]
    for act in acts:
        with pytest.raises(Refused, match="回避"):
            act()


@pytest.mark.parametrize("name", STAFF)
def test_no_row_of_it_is_visible_to_kin(town, place, name):
    who = who_of(place, name)
    models = (Case, Notice, NoticeChannel, Objection, Motion, Resolution, Disbursement, BatchLine, Hold, Assessment)
    related(town, who)
    assert [model.__name__ for model in models if model.objects.visible_to(who).exists()] == []
    assert kin.is_kin(who, f"process.case:{town.case.pk}") and not kin.is_kin(place.other_clerk, f"process.case:{town.case.pk}")


def test_lists_and_the_to_do_do_not_name_it(town, client, place):
    number, name = town.case.number, town.household.head_name
    for who, pages in (
        (place.head, ["/", "/cases/?state=", "/notices/?view=closed", "/disbursements/?view=bank"]),
        (place.cashier, ["/", "/cases/", "/disbursements/?view=bank"]),
    ):
        client.force_login(who)
        assert any(number in client.get(page).content.decode() for page in pages)
        related(town, who)
        for page in pages:
            text = client.get(page).content.decode()
            assert number not in text and name not in text, page


@pytest.mark.parametrize("name", ["officer", "head", "auditor", "committee"])
def test_agenda_and_minutes_have_a_blank_line_in_its_place(town, client, place, name):
    who, motion = who_of(place, name), Motion.objects.get()
    session, number = motion.session, town.case.number
    session.refresh_from_db()
    governance.close_session(session, minutes=f"{number} 讨论：家里确有困难。", by=place.members[0], at=town.now())
    related(town, who)
    client.force_login(who)
    for address in (f"/sessions/{session.pk}/", f"/sessions/{session.pk}/?screen=1"):
        page = client.get(address).content.decode()
        assert number not in page and town.household.head_name not in page and "3,000.00" not in page
        assert "您要回避的件，不显示" in page
    assert "讨论记录不显示" in client.get(f"/sessions/{session.pk}/").content.decode()
    told = minutes.content(session, without=frozenset({motion.pk}))
    assert number not in str(told) and told["left_out"] == 1
    assert client.get(f"/sessions/{session.pk}/minutes/").status_code == 200


def test_the_draft_of_the_minutes_leaves_the_kept_motion_out(town):
    motion = Motion.objects.get()
    assert town.case.number in minutes.draft(motion.session)
    assert town.case.number not in minutes.draft(motion.session, without=frozenset({motion.pk}))


def test_a_list_on_which_kin_stands_is_hidden_whole(place, settings):
    play = Play(place)
    families = [place.household, household(place.unit, serial=301, name="何秋菊")]
    play.case = flow.start_list(place.organisation, "spring_gift", families, period="2026", by=place.head, at=play.now())
    settings.CLOCK = lambda: play.at
    assert Case.objects.visible_to(place.officer).filter(pk=play.case.pk).exists()
    declare_kinship(place.household, place.officer, "表亲", by=place.officer, at=play.now())
    assert not Case.objects.visible_to(place.officer).filter(pk=play.case.pk).exists()
    assert Case.objects.visible_to(place.head).filter(pk=play.case.pk).exists()


def test_the_own_household_is_found_by_identity_without_declaring(town, client, place):
    spouse = another(place, "spouse", "OFFICE_HEAD")
    client.force_login(spouse)
    assert client.get(f"/notices/{Notice.objects.get().pk}/").status_code == 200
    member = place.household.members.get(relation="spouse")
    enrol_staff(
        StaffRow(unit=place.unit, worker_no="KY99", name="王桂芬", identity=member.identity, account=spouse), by=None, at=AT
    )
    for address in ("/notices/{notice}/", "/motions/{motion}/", "/disbursements/{money}/", "/cases/{case}/"):
        assert client.get(address.format(**ids(town))).status_code == 404


def test_others_cases_stay_where_they_are(town, client, place):
    other = Play(place, household=household(place.unit, serial=301, name="何秋菊"), at=town.at).start(by=place.clerk)
    related(town, place.officer)
    client.force_login(place.officer)
    assert client.get(f"/cases/{other.case.number}/").status_code == 200
    assert Recusal.objects.visible_to(place.officer).count() == 0
