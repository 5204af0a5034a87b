"""One application through the browser's door, by seven people and the worker, from filing to the archive."""

from __future__ import annotations

import io
from datetime import timedelta

from bangfu.access.models import Account
from bangfu.audit.verify import verify
from bangfu.disclosure.models import Notice, NoticeDraft
from bangfu.governance.models import Motion, Session
from bangfu.ledger.models import Batch, Disbursement
from bangfu.process.models import Case
from bangfu.process.tests.makers import AT


def test_seven_people_take_an_application_to_the_archive(client, place, settings):
    clock = {"at": AT}
    settings.CLOCK = lambda: clock["at"]

    def post(who: Account, url: str, **data):
        clock["at"] += timedelta(hours=1)
        client.logout()
        client.force_login(who)
        case = Case.objects.filter().first()
        answer = client.post(url, {"version": case.version if case else 0, **data})
        assert answer.status_code == 302, (url, answer.status_code, answer.content.decode()[-3000:])
        return answer

    # the clerk files for the worker
    number = place.household.number
    post(
        place.clerk, f"/cases/new/?household={number}", programme="temporary_living", causes=["own_illness"],
        story="住院三个月，工资停发。", asked_fen="3000", method="bank", health="yes", bank="yes", notice_name="yes", signed="on",
    )  # fmt: skip
    url = f"/cases/{Case.objects.get().number}/"
    post(place.clerk, f"{url}acceptance/")
    for item in ("application", "identity", "household_book", "income", "diagnosis", "medical_bills"):
        post(place.clerk, f"{url}papers/", item=item, remark="原件已核对")
    post(
        place.clerk, f"{url}survey/", visited_on="2026-11-02", companion_account=place.chair.pk, place="家中",
        findings="三口人住老房，本人长期服药。", found_size="3", found_income_fen="25200", is_aided_elsewhere="no",
    )  # fmt: skip
    post(place.chair, f"{url}countersignature/")
    post(
        place.officer,
        f"{url}check/",
        degree="ordinary",
        grade="especially",
        proposed_fen="3000",
        opinion="情况属实，建议救助。",
        is_aided_elsewhere="no",
    )
    post(place.officer, f"{url}notice/", channels=["board", "intranet", "open"], checked_by=place.clerk.pk)
    post(place.clerk, f"{url}notice/confirmation/", seen=NoticeDraft.objects.waiting().get().sha256)
    assert Notice.objects.get().channels.get(channel="board").rows[0]["name"] == "张守诚"
    clock["at"] += timedelta(days=8)
    post(place.officer, f"{url}notice/closure/")
    post(place.head, f"{url}review/", recommended_fen="3000", opinion="材料齐全，公示无异议。")

    # the committee: called, on the agenda, present, voted, announced
    day = (clock["at"] + timedelta(hours=9)).date()
    post(
        place.head,
        "/sessions/",
        committee=place.committee.pk,
        day=day.isoformat(),
        hour="23:30",
        place="三楼会议室",
        recorder=place.head.pk,
    )
    session = Session.objects.get()
    post(place.head, f"{url}agenda/", session=session.pk)
    post(place.head, f"/sessions/{session.pk}/attendance/", member=[seat.pk for seat in place.committee.memberships.all()])
    session.refresh_from_db()
    post(place.members[0], f"/sessions/{session.pk}/opening/", version=session.version)
    motion = Motion.objects.get()
    for member in place.members:
        post(
            member,
            f"/motions/{motion.pk}/vote/",
            version=motion.version,
            choice="yes",
            amount="3000",
            shown="300000",
            opinion="同意",
        )
    motion.refresh_from_db()
    post(place.members[0], f"/motions/{motion.pk}/resolution/", version=motion.version)
    assert Case.objects.get().stage_kind == "pay"

    # the money: batch by the cashier, result by the accountant, both signatures
    row = Disbursement.objects.get()
    client.logout()
    client.force_login(place.cashier)
    page = client.get(f"/disbursements/{row.pk}/")
    assert page.status_code == 200
    from bangfu.ledger import flow as ledger
    from bangfu.process.tests.makers import key

    batch = ledger.make_batch([row.pk], form_key=key(), by=place.cashier, at=clock["at"])
    ledger.confirm_lines(batch.lines.all(), bank_ref="ICBC20261120001", form_key=key(), by=place.accountant, at=clock["at"])
    ledger.sign_receipt(row, "payer", how="clicked", by=place.cashier, at=clock["at"])
    ledger.sign_receipt(row, "payee", how="drawn", picture=_signature(), by=place.cashier, at=clock["at"])
    assert Batch.objects.get() and Case.objects.get().stage_kind == "follow_up"

    clock["at"] += timedelta(days=30)
    visited = clock["at"].date().isoformat()
    post(place.clerk, f"{url}follow-up/", visited_on=visited, result="better", remark="药费有了着落，孩子学习稳定。")
    post(place.officer, f"{url}closing-report/", text="申请、调查、公示、评审、发放、回访都已完成，归档。")
    case = Case.objects.get()
    assert case.state == "closed" and case.archive_number == "KY-D2026-0001"
    who = set(case.steps.values_list("by__username", flat=True))
    assert who >= {"clerk", "chair", "officer", "head", "member0", "accountant"}
    assert verify().bad_seq is None


def _signature() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (120, 40), "white").save(out, "PNG")
    return out.getvalue()
