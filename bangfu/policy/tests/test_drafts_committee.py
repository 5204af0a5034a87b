"""A draft before the committee: put by the office, voted on by those who did not draft it, adopted by the resolution."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.urls import reverse

from bangfu.access.roles import Role
from bangfu.governance import flow as governance
from bangfu.governance.models import Motion
from bangfu.governance.tests import makers
from bangfu.governance.tests.makers import AT
from bangfu.lib.errors import Refused
from bangfu.policy.flow import adopt, drafts
from bangfu.policy.models import Draft, Version
from bangfu.policy.queries import in_force
from bangfu.policy.tests.makers import kaiyuan_bytes
from bangfu.policy.tests.test_rules_in_force import START

pytestmark = [pytest.mark.django_db, pytest.mark.both]
NEXT_YEAR = date(2090, 1, 1)


@pytest.fixture
def place(clock, monkeypatch):
    monkeypatch.setattr(drafts, "before_adoption", [])  # simulations: bangfu/reporting/simulation/tests
    place = makers.world(5)
    place.other["policy"] = makers.person("policy", "田应忠", (Role.POLICY_ADMIN, place.root))
    place.other["version"] = adopt(kaiyuan_bytes(), unit=place.root, valid_from=START, by=None, at=datetime(2016, 1, 2, tzinfo=UTC))
    return place


@pytest.fixture
def draft(place):
    policy = place.other["policy"]
    made = drafts.adjust(
        place.other["version"], "long_term_fen", "1200", valid_from=NEXT_YEAR, document_no="总工发〔2089〕1号", by=policy, at=AT
    )
    return drafts.submit(made, by=policy, at=AT)


def put(client, place, draft, session):
    client.force_login(place.head)
    return client.post(reverse("policy-draft-agenda", args=[draft.pk]), {"session": session.pk}, follow=True)


def decided(place, session, motion, choices):
    makers.opened(place, session)
    for number, choice in enumerate(choices):
        makers.vote(place, motion, number, choice, amount_fen=None)
    return governance.resolve(motion, by=place.chair, at=AT)


def test_passed_the_draft_is_adopted_by_the_resolution(client, place, draft):
    session = makers.called(place)
    page = put(client, place, draft, session).content.decode()
    assert "等委员会表决" in page and ">批准<" not in page
    motion = Motion.objects.get()
    client.force_login(place.members[1])
    shown = client.get(reverse("motion", args=[motion.pk])).content.decode()
    assert "由 ¥1,000.00 调为 ¥1,200.00" in shown and "到日自动施行" in shown and "田应忠" in shown
    projected = client.get(reverse("motion", args=[motion.pk]), {"screen": "1"}).content.decode()
    assert "由 ¥1,000.00 调为 ¥1,200.00" in projected and "田应忠" not in projected
    resolution = decided(place, session, motion, ["yes"] * 4 + ["no"])
    draft.refresh_from_db()
    assert draft.state == "adopted" and draft.adopted_by == place.chair
    assert in_force(place.root, NEXT_YEAR) == draft.adopted
    assert [step.kind for step in draft.steps.all()] == ["opened", "submitted", "put", "adopted"]
    assert resolution.number in draft.steps.last().note
    assert {"policy.draft_put", "policy.draft_adopted", "policy.version_adopted"} <= set(makers.kinds())


@pytest.mark.parametrize("choice", ["no", "return"])
def test_not_passed_it_goes_back_to_whoever_drafts(client, place, draft, choice):
    session = makers.called(place)
    put(client, place, draft, session)
    resolution = decided(place, session, Motion.objects.get(), [choice] * 5)
    draft.refresh_from_db()
    assert draft.state == "draft" and Version.objects.count() == 1
    assert draft.steps.last().kind == "returned" and resolution.number in draft.steps.last().note


def test_a_vote_is_not_lost_when_the_rules_cannot_come_into_force(client, place, draft, monkeypatch):
    session = makers.called(place)
    put(client, place, draft, session)

    def out_of_date(_draft, _by):
        raise Refused("测算过期了。")

    monkeypatch.setattr(drafts, "before_adoption", [out_of_date])
    decided(place, session, Motion.objects.get(), ["yes"] * 5)
    draft.refresh_from_db()
    assert draft.state == "submitted" and Version.objects.count() == 1
    last = draft.steps.last()
    assert last.kind == "resolved" and "测算过期了。" in last.note
    monkeypatch.setattr(drafts, "before_adoption", [])
    drafts.adopt_draft(draft, by=place.head, at=AT)
    assert in_force(place.root, NEXT_YEAR).pk != place.other["version"].pk


def test_who_drafted_it_neither_sees_nor_votes_the_motion(client, place, draft):
    policy = place.other["policy"]
    from bangfu.access.models import Post

    Post.objects.create(account=policy, unit=place.root, role=Role.COMMITTEE_MEMBER, from_date=date(2020, 1, 1))
    governance.seat_member(place.committee, policy, from_date=date(2026, 1, 1), is_chair=False, by=None, at=AT)
    session = makers.called(place)
    put(client, place, draft, session)
    client.force_login(policy)
    assert client.get(reverse("motion", args=[Motion.objects.get().pk])).status_code == 404


def test_while_it_waits_for_the_vote_nobody_decides_beside_it(client, place, draft):
    session = makers.called(place)
    put(client, place, draft, session)
    for act, more in ((drafts.adopt_draft, {}), (drafts.return_draft, {"note": "再改"})):
        with pytest.raises(Refused, match="等着表决"):
            act(draft, by=place.head, at=AT, **more)
    with pytest.raises(Refused, match="等着表决"):
        drafts.withdraw(draft, by=place.other["policy"], at=AT)
    with pytest.raises(Refused, match="已经在"):
        drafts.put_to_committee(draft, session=session, by=place.head, at=AT)
    governance.take_off_agenda(Motion.objects.get(), reason="下次再议", by=place.head, at=AT)
    drafts.adopt_draft(draft, by=place.head, at=AT)
    assert Draft.objects.get().state == "adopted"


def test_only_a_submitted_draft_of_this_unit_and_a_session_that_is_there(client, place, draft):
    client.force_login(place.head)
    page = client.post(reverse("policy-draft-agenda", args=[draft.pk]), {"session": "999"}, follow=True).content.decode()
    assert "没有选会议" in page and not Motion.objects.exists()
    session = makers.called(place)
    drafts.return_draft(draft, note="再改", by=place.head, at=AT)
    assert "这一步办不了" in put(client, place, draft, session).content.decode()
    client.force_login(place.stranger)
    assert client.post(reverse("policy-draft-agenda", args=[draft.pk]), {"session": session.pk}).status_code == 404
