"""What is sent twice: for every address that takes a POST a step of one long day in a town, in the order in which they can happen."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings

from bangfu.access.models import Post
from bangfu.governance.models import Committee, Motion, Session
from bangfu.household.imports.models import ImportBatch
from bangfu.household.models import SavedView, Transfer
from bangfu.ledger.models import Batch, Disbursement, Voucher
from bangfu.process.models import Paper
from tests.proofs.forms_found import WORDS
from tests.proofs.towns import Town
from tests.proofs.twice_ready import (
    PACK,
    adjustment,
    an_account_for,
    another_file,
    another_worker,
    answered,
    ask_transfer,
    assessment,
    at_session,
    case,
    case_of_mine,
    discrepancy,
    draft_url,
    drawn,
    file,
    file_member,
    hand_in,
    last,
    last_paid,
    later,
    mine,
    money,
    my_new,
    my_paper,
    newest,
    notice,
    notice_of,
    odd_sum,
    on_show,
    others_attend,
    others_vote,
    password,
    payer_signs,
    released_case,
    relief_fund,
    roster,
    same_file_again,
    sent_again,
    session_soon,
    set_aside_again,
    sum_of_import,
    to_hour,
    to_pay,
    unlike,
)

#: POST addresses that are not sent twice here, and why.
LEFT_OUT = {
    "sign-in": "begins a session; wrong passwords are counted on purpose (access/tests/test_floods.py)",
    "sign-out": "ends a session",
    "elder": "a cookie of the browser alone",
    "kit": "keeps nothing",
    "kept-form": "sends what was kept to its own address, once (access/tests/test_session_end.py)",
    "notice-cutting": "the same cutting again is refused (disclosure/tests/test_cuttings.py)",
    "simulations": "one more question about the rules: moves no case and no money",
    "simulation-cancellation": "ends such a question; a second time is refused (reporting/simulation/tests)",
    "simulation-repetition": "asks it again, on purpose",
    "simulation-snapshot": "a fresh copy for such questions",
    "draft-simulation": "the same for a draft",
    "adjustment-preview": "computes, keeps nothing",
    "findings-search": "searches, on purpose as often as one likes",
    "finding-setting-aside": "a note on a line of the standing lists (reporting/simulation/tests)",
    "finding-taking-up": "takes the note back",
    "case-answers": "changes fields of the file under its token, a value that stands there changes nothing (relief/tests/test_answers.py)",
    "case-notice-reuse": "compares the token like its neighbours; what leads there is long (process/tests/test_late_objection.py)",
    "my-file": "shows the worker a value of her own for a minute, keeps nothing",
    "my-application-member": "a page of the draft under way, saved like the others (portal/tests/test_application.py)",
    "policy-draft-adoption": "waits for a run of the simulation; a second time is refused (policy/tests/test_drafts.py)",
    "policy-draft-agenda": "the same; on an agenda already is refused (policy/tests/test_drafts_committee.py)",
    "my-application-typed": "saves the draft under way, without an event (portal/tests/test_autosave.py)",
    "my-application-member-typed": "the same for one page of the family",
}
#: A look is recorded each time that somebody looks: the second is a second look.
LOOKS = {
    "household-reveal", "staff-reveal", "objection-objector", "batch-file", "household-export", "import-bad-rows", "import-look-up",
    "assessment-replay",
}  # fmt: skip

#: The second is asked whether it is meant, and does nothing until it is answered.
ASKED = {"imports"}
#: The dry run of a table writes nothing into the register and is done again as often as it is asked for.
DRY_RUNS = {"import-sheet", "import-columns", "import-fixes"}
#: Taken at any time, whatever somebody else did meanwhile: they carry no token that could be old.
NEVER_STALE = {"case-papers", "case-objection", "household-section"}

Text = str | Callable[[Town], str]
Data = Mapping[str, Any] | Callable[[Town], Mapping[str, Any]]


@dataclass(frozen=True)
class Step:
    """`who` sends the form to `name` that stands on `page`, filled in as it is but for `data`; `needs` picks among several.

    `url`: sent there as it is, where no page without script has the form. `before` readies the town.
    """

    name: str
    who: str
    page: Text
    data: Data = field(default_factory=dict)
    needs: Mapping[str, str] = field(default_factory=dict)
    url: Text = ""
    before: Callable[[Town], object] | None = None


STEPS: list[Step] = [
    # access
    Step("units", "SYSTEM_ADMIN", "/units/", {"code": "new-unit", "name": "丙车间"}),
    Step("posts", "SECURITY_ADMIN", "/posts/", {"account": "newcomer", "name": "新来的", "password": "alt-Wort-5-7", "role": "HANDLER"}),
    Step("post-password", "SECURITY_ADMIN", last(Post, "/posts/{}/password/"), {"new": "neu-Wort-6-8"}),
    Step("post-ending", "SECURITY_ADMIN", "/posts/", url=last(Post, "/posts/{}/ending/"), before=later(days=1)),
    Step("holidays", "officer", "/holidays/", {"day": "2027-05-03", "is_working": "0", "title": "劳动节"}),
    Step("holiday-removal", "officer", "/holidays/"),
    Step("me", "WORKER", "/me/", {"old": "alt-Wort-5-7", "new": "neu-Wort-6-8"}, before=password),
    Step("messages", "officer", "/messages/"),
    # a case from the application to the session
    Step("case-new", "clerk", lambda town: f"/cases/new/?household={town.files[2].number}", {"method": "cash", "signed": "on"}),
    Step("case-paper-request", "clerk", case("applied")),
    Step("case-papers", "clerk", case("applied"), {"remark": "原件已核对"}),
    Step(
        "case-paper-removal", "clerk", case("applied"), {"reason": WORDS},
        url=lambda town: f"/cases/{town.cases['applied'].number}/papers/{newest(Paper, town).pk}/removal/",
    ),
    Step("case-acceptance", "clerk", case("applied")),
    Step(
        "case-survey", "clerk", case("applied", "survey/"),
        {"findings": WORDS * 3, "found_size": "3", "found_income_fen": "12000", "differences": WORDS, "asked_fen": "3000"},
        before=hand_in("applied"),
    ),
    Step("case-visit-denial", "chair", case("applied")),
    Step("case-countersignature", "chair", case("surveyed")),
    Step(
        "case-check", "officer", case("surveyed"), {"degree": "serious", "proposed_fen": "3000", "deviation_reason": WORDS},
        before=hand_in("surveyed"),
    ),
    Step("case-upward", "head", case("surveyed"), {"asked_fen": "3000"}),
    Step("case-upward-answer", "head", case("surveyed"), {"outcome": "refused", "granted_fen": ""}),
    Step("case-notice", "officer", case("surveyed"), lambda town: {"checked_by": str(town.people["clerk"].pk)}),
    Step("case-notice-confirmation", "clerk", case("surveyed", "notice/draft/")),
    Step("case-notice-draft-return", "head", case("drafted", "notice/draft/")),
    Step(
        "case-notice-draft-removal", "officer", case("drafted"),
        before=lambda town: town.office.draft_notice(town.office.fresh(town.cases["drafted"]), settings.CLOCK.at, checker="head"),
    ),
    Step("case-objection", "clerk", case("noticed"), {"text": WORDS + "一"}),
    Step("notice-objection", "clerk", notice_of("noticed"), {"text": WORDS + "二"}),
    Step("open-objection", "", lambda town: f"/open/notices/{notice(town, 'noticed').token}/objection/", {"text": WORDS, "website": ""}),
    Step("objection-objector", "chair", notice_of("noticed"), {"reason": "verify"}),
    Step("objection-answer", "chair", notice_of("noticed")),
    Step("notice-removal", "officer", notice_of("noticed")),
    Step("case-notice-closure", "officer", case("surveyed"), before=to_hour(9, 10)),
    Step("case-review", "head", case("surveyed"), {"recommended_fen": "3000"}),
    Step("sessions", "head", "/sessions/", session_soon),
    Step("session-date", "head", last(Session, "/sessions/{}/"), {"hour": "10:00", "day": "2026-12-02"}),
    Step("case-agenda", "officer", case("surveyed"), lambda town: {"session": str(newest(Session, town).pk)}),
    Step("session-attendance", "committee", last(Session, "/sessions/{}/"), mine("committee"), before=at_session),
    Step("session-opening", "committee", last(Session, "/sessions/{}/"), before=others_attend),
    Step("motion-recusal", "member3", last(Motion, "/motions/{}/")),
    Step("motion-vote", "member1", last(Motion, "/motions/{}/"), {"choice": "yes", "amount": "3000", "shown": "300000"}),
    Step("motion-resolution", "committee", last(Motion, "/motions/{}/"), before=others_vote),
    Step("case-decision", "committee", case("surveyed"), before=money(10_000_000)),
    Step("motion-removal", "officer", lambda town: f"/motions/{town.things['motion'].pk}/"),
    Step("session-closure", "committee", last(Session, "/sessions/{}/"), {"minutes": WORDS * 3}),
    Step("session-signature", "committee", last(Session, "/sessions/{}/"), {"role": "chair"}),
    Step("committees", "head", "/committees/", {"name": "监督小组"}),
    Step("committee", "head", last(Committee, "/committees/{}/"), lambda town: {"account": str(town.people["member1"].pk)}),
    Step("seat-ending", "head", last(Committee, "/committees/{}/"), before=later(days=1)),
    # money
    Step("funds", "accountant", "/funds/", {"name": "测试基金", "code": "test", "cap_fen": "3000", "subject_code": "5109"}),
    Step("fund-income", "accountant", relief_fund),
    Step("fund-restrictions", "accountant", relief_fund, {"title": "助学专款", "code": "school"}),
    Step("disbursement-hold", "officer", to_pay),
    Step("hold-lifting", "head", to_pay),
    Step("disbursement-account", "accountant", to_pay, {"method": "cash", "card": ""}),
    Step("payout", "cashier", lambda town: f"/disbursements/payout/?method=cash&pick={newest(Disbursement, town, state='reserved').pk}"),
    Step("disbursement-receipt", "cashier", last_paid, {"side": "payer", "clicked": "on"}),
    Step("batch-file", "cashier", last(Batch, "/batches/{}/")),
    Step("batch-line-failure", "accountant", last(Batch, "/batches/{}/")),
    Step("batch-confirmation", "accountant", last(Batch, "/batches/{}/"), {"all": "1", "bank_ref": "R1"}, before=sent_again),
    Step("voucher-signature", "cashier", last(Voucher, "/vouchers/{}/"), needs={"side": "payer"}),
    Step("voucher-reversal", "accountant", last(Voucher, "/vouchers/{}/"), before=later(minutes=1)),
    Step("disbursement-release", "head", to_pay, before=set_aside_again),
    Step("case-reservation", "head", released_case),
    Step("my-receipt", "worker2", case_of_mine("to_sign", "receipt/"), drawn("signature")),
    Step("case-follow-up", "clerk", case("to_sign"), before=payer_signs),
    Step("case-closing-report", "officer", case("to_sign"), {"text": WORDS * 2}),
    # other ends of a case, and lists
    Step("case-notice-removal", "officer", case("drafted"), before=on_show("drafted")),
    Step("case-return", "officer", case("noticed"), {"to": "check"}),
    Step("case-refusal", "officer", case("noticed"), {"missing": WORDS, "whom_to_ask": "帮扶办公室"}),
    Step("case-second-request", "clerk", case("refused")),
    Step("case-withdrawal", "clerk", case("applied")),
    Step("case-removal", "officer", case("list")),
    Step("case-list", "officer", case("list")),
    Step(
        "campaigns", "officer", "/campaigns/", url="/campaigns/",
        data=lambda town: {
            "programme": "spring_gift", "period": "2028", "title": "节日慰问", "unit": str(town.root.pk),
            "pick": [str(one.pk) for one in town.files[:2]],
        },
    ),
    # files and roster
    Step("household-new", "clerk", "/households/new/", another_file),
    Step("household-section", "clerk", file("edit/outside/"), {"giver": "city", "what": WORDS, "amount_fen": "100"}),
    Step(
        "household-outside-void", "clerk", file("edit/outside/"), {"why": WORDS},
        url=lambda town: f"/households/{town.files[0].number}/outside/{town.things['help'].pk}/voiding/",
    ),
    Step("household-member", "clerk", file_member, {"name": "段改名", "why": WORDS, "identity": "", "tuition_fen": ""}),
    Step("household-reveal", "officer", file(), {"field": "identity", "reason": "verify"}),
    Step("household-discrepancy", "officer", file(place=7), {"reason": WORDS}, url=discrepancy, before=unlike),
    Step("household-export", "clerk", "/households/", {"all": "1"}),
    Step("household-style", "clerk", "/households/"),
    Step("household-views", "clerk", "/households/?state=filed", {"name": "我的"}),
    Step("household-view-removal", "clerk", "", url=last(SavedView, "/households/views/{}/removal/")),
    Step("household-section", "clerk", file("edit/transfer/", 1), lambda town: {"to_unit": str(town.elsewhere.pk), "why": WORDS}),
    Step("transfer-refusal", "two:UNIT_CLERK", "", {"note": WORDS}, url=last(Transfer, "/transfers/{}/refusal/")),
    Step("transfer-taking-back", "clerk", "", url=last(Transfer, "/transfers/{}/taking-back/"), before=ask_transfer),
    Step("transfer-acceptance", "two:UNIT_CLERK", "", url=last(Transfer, "/transfers/{}/acceptance/"), before=ask_transfer),
    Step("household-state", "officer", file("state/", 5), {"to": "lifted", "note": WORDS}),
    Step("staff-new", "clerk", "/staff/new/", another_worker),
    Step("staff-edit", "clerk", lambda town: f"/staff/{town.files[2].staff.pk}/edit/", {"post": "钳工", "why": WORDS, "identity": "", "card": "", "phone": ""}),
    Step("staff-reveal", "officer", lambda town: f"/staff/{town.files[1].staff.pk}/", {"field": "identity", "reason": "verify"}),
    # tables
    Step("imports", "clerk", "/imports/", roster("花名册二.csv")),
    Step("import-continuation", "clerk", "", url=last(ImportBatch, "/imports/{}/continuation/"), before=same_file_again),
    Step("import-sheet", "clerk", last(ImportBatch, "/imports/{}/columns/"), {"header_row": "1"}),
    Step("import-columns", "clerk", last(ImportBatch, "/imports/{}/columns/")),
    Step("import-fixes", "clerk", "", {"fix-2-1": "段改名"}, url=last(ImportBatch, "/imports/{}/fixes/")),
    Step("import-bad-rows", "clerk", "", url=last(ImportBatch, "/imports/{}/bad-rows/")),
    Step("import-writing", "clerk", "", {"errors": "skip"}, url=last(ImportBatch, "/imports/{}/writing/")),
    Step("import-undoing", "clerk", "", {"count": "1"}, url=last(ImportBatch, "/imports/{}/undoing/")),
    Step("import-acceptance", "chair", "", {"reason": WORDS}, url=sum_of_import, before=odd_sum),
    Step("import-dropping", "clerk", "", url=last(ImportBatch, "/imports/{}/dropping/")),
    Step("import-look-up", "clerk", "/imports/look-up/", {"text": "Z7"}),
    # the worker's phone
    Step("my", "WORKER", "/my/"),
    Step("my-consents", "WORKER", "/my/consents/", {"kind": "notice_name", "given": "no"}),
    Step("my-application-removal", "WORKER", "/my/", before=answered),
    Step("my-application", "WORKER", "/my/application/check/", drawn("signature"), before=answered),
    Step("my-papers", "WORKER", my_new("papers/"), my_paper),
    Step("my-withdrawal", "WORKER", my_new("withdrawal/")),
    Step("my-second-request", "two:WORKER", case_of_mine("noticed", "second-request/"), before=an_account_for("noticed")),
    # rules
    Step("policy-drafts", "POLICY_ADMIN", "/policies/drafts/", {**PACK, "valid_from": "2027-01-01"}),
    Step("policy-draft-submission", "POLICY_ADMIN", draft_url("")),
    Step("policy-draft-return", "head", "", {"note": WORDS}, url=draft_url("return/")),
    Step("policy-draft-withdrawal", "POLICY_ADMIN", draft_url("")),
    Step("policy-adjustment", "POLICY_ADMIN", adjustment, {"value": "2100", "valid_from": "2027-02-01", "document_no": "工发〔2027〕1号"}),
    Step("assessment-replay", "officer", assessment),
]  # fmt: skip
