"""How a town is made ready for each step of the day on which everything is sent twice: pages, fields, what goes before."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from bangfu.access.models import Post
from bangfu.audit.record import subject_of
from bangfu.demo.casework import signature
from bangfu.disclosure.models import Notice
from bangfu.disclosure.queries import waiting_draft
from bangfu.evidence.flow import content_of
from bangfu.governance import flow as governance
from bangfu.governance.models import Committee, Membership, Motion, Session
from bangfu.household import flow as household
from bangfu.household.imports import flow as imports
from bangfu.household.imports.models import ImportBatch
from bangfu.household.imports.tests.wizard import FILES, Wizard, table
from bangfu.household.models import Discrepancy, Household, Member, OutsideHelp, SavedView, Staff, Transfer
from bangfu.ledger import flow as ledger
from bangfu.ledger.models import Batch, Disbursement, Hold, Voucher
from bangfu.lib.days import today
from bangfu.policy.models import Assessment, Draft, Version
from bangfu.process import flow as process
from bangfu.process.models import Case, Paper
from bangfu.process.papers import checklist
from tests.proofs.forms_found import WORDS
from tests.proofs.towns import Town, rules


def case(key: str, rest: str = "") -> Callable[[Town], str]:
    return lambda town: f"/cases/{town.cases[key].number}/{rest}"


def file(rest: str = "", place: int = 0) -> Callable[[Town], str]:
    return lambda town: f"/households/{town.files[place].number}/{rest}"


#: The way from a row to the unit it belongs to.
UNITS: dict[Any, str] = {
    Session: "committee__unit", Motion: "session__committee__unit", Committee: "unit", Batch: "fund__unit", Voucher: "fund__unit",
    Post: "unit", Draft: "unit", Disbursement: "fund__unit", Paper: "case__unit", ImportBatch: "organisation", Hold: "unit",
    OutsideHelp: "household__unit", SavedView: "account__posts__unit", Transfer: "from_unit", Household: "unit",
}  # fmt: skip


def newest(model: Any, town: Town, **where: Any) -> Any:
    """The last row of the town."""
    return model.objects.filter(**{f"{UNITS[model]}__path__startswith": town.root.path}, **where).latest("pk")


def last(model: Any, address: str) -> Callable[[Town], str]:
    return lambda town: address.format(newest(model, town).pk)


def later(**span: float) -> Callable[[Town], object]:
    """The clock of the product moves on."""

    def move(_town: Town) -> None:
        settings.CLOCK.at += timedelta(**span)

    return move


def to_hour(days: int, hour: int) -> Callable[[Town], object]:
    def move(_town: Town) -> None:
        at = settings.CLOCK.at + timedelta(days=days)
        settings.CLOCK.at = at.replace(hour=hour - 8, minute=0)

    return move


def upload(content: bytes, name: str, kind: str = "text/csv") -> Callable[[Town], dict[str, Any]]:
    return lambda _town: {"file": SimpleUploadedFile(name, content, content_type=kind)}


def password(town: Town) -> None:
    account = town.people["WORKER"]
    account.set_password("alt-Wort-5-7")
    account.save()


def drawn(name: str = "drawn") -> dict[str, str]:
    return {name: "data:image/png;base64," + base64.b64encode(signature()).decode()}


def picked(state: str, method: str) -> Callable[[Town], dict[str, Any]]:
    def data(town: Town) -> dict[str, Any]:
        rows = Disbursement.objects.filter(fund__unit=town.root, state=state, method=method)
        return {"pick": [str(row.pk) for row in rows], "method": method}

    return data


def session_soon(_town: Town) -> dict[str, Any]:
    return {"day": f"{today(settings.CLOCK.at) + timedelta(days=3):%Y-%m-%d}", "hour": "9:00", "place": "二楼"}


ROSTER = "工号,姓名,身份证号,部门\nZ7,段试七,53000019800101001{},{}\n"


def person_row(town: Town) -> bytes:
    made = town.office.world.maker.person(youngest=30, oldest=45, on=today(settings.CLOCK.at), name=f"段{town.mark}亥")
    return f"工号,姓名,身份证号,部门,手机号码,银行卡号\nZ7,{made.name},{made.identity},{town.unit.name},{made.phone},{made.card}\n".encode()


def roster(name: str) -> Callable[[Town], dict[str, Any]]:
    kept: dict[str, bytes] = {}

    def data(town: Town) -> dict[str, Any]:
        kept.setdefault("content", person_row(town))
        return {"file": SimpleUploadedFile(name, kept["content"], content_type="text/csv"), "text": ""}

    return data


def hand_in(key: str) -> Callable[[Town], object]:
    return lambda town: town.office.hand_in_papers(town.cases[key], settings.CLOCK.at)


def money(fen: int) -> Callable[[Town], object]:
    """The fund of relief holds nothing but what is set aside, and `fen`."""

    def change(town: Town) -> None:
        from django.db.models import F

        from bangfu.ledger.models import Fund, Restriction

        fund = town.office.world.relief
        Fund.objects.filter(pk=fund.pk).update(balance_fen=F("reserved_fen") + fen)
        Restriction.objects.filter(fund=fund, code="").update(balance_fen=F("reserved_fen") + fen)

    return change


def draft_url(rest: str) -> Callable[[Town], str]:
    return last(Draft, "/policies/drafts/{}/" + rest)


def notice(town: Town, key: str) -> Notice:
    return Notice.objects.filter(case_notice__case=town.cases[key]).latest("pk")


def notice_of(key: str) -> Callable[[Town], str]:
    return lambda town: f"/notices/{notice(town, key).pk}/"


def mine(who: str) -> Callable[[Town], dict[str, Any]]:
    return lambda town: {"member": str(Membership.objects.get(committee=town.office.world.committee, account=town.people[who]).pk)}


def at_session(town: Town) -> None:
    settings.CLOCK.at = newest(Session, town).held_at + timedelta(minutes=1)


def others_attend(town: Town) -> None:
    session = newest(Session, town)
    for member in town.office.world.committee.memberships.exclude(account=town.people["committee"]):
        governance.attend(session, member, by=town.people["head"], at=settings.CLOCK.at)


def others_vote(town: Town) -> None:
    """All but the recused; and the fund holds too little, so that the resolution waits to be carried out."""
    motion = newest(Motion, town)
    for name in ("committee", "member2"):
        governance.cast_vote(
            motion, choice="yes", amount_fen=300_000, opinion="同意", by=town.people[name], at=settings.CLOCK.at
        )  # fmt: skip
    money(100)(town)


def on_show(key: str) -> Callable[[Town], object]:
    """Drafted and confirmed: up."""

    def post(town: Town) -> None:
        drafted = town.office.draft_notice(town.office.fresh(town.cases[key]), settings.CLOCK.at, checker="head")
        waiting = waiting_draft(subject_of(drafted))
        process.confirm_notice(
            drafted.pk, version=drafted.version, seen=waiting.sha256, by=town.people["head"], at=settings.CLOCK.at
        )

    return post


def relief_fund(town: Town) -> str:
    return f"/funds/{town.office.world.relief.pk}/"


def to_pay(town: Town) -> str:
    return f"/disbursements/{newest(Disbursement, town, state='reserved').pk}/"


def last_paid(town: Town) -> str:
    return f"/disbursements/{newest(Disbursement, town, state='paid', payer_signed_at=None).pk}/"


def sent_again(town: Town) -> None:
    row = newest(Disbursement, town, state="reserved", method="bank")
    ledger.make_batch([row.pk], form_key="twice", by=town.people["cashier"], at=settings.CLOCK.at)


def set_aside_again(town: Town) -> None:
    """What was paid wrongly is set aside once more."""
    row = newest(Disbursement, town, state="reversed")
    current = Case.objects.get(awards__disbursement=row)
    process.reserve_again(current.pk, version=current.version, by=town.people["head"], at=settings.CLOCK.at)


def released_case(town: Town) -> str:
    return f"/cases/{newest(Disbursement, town, state='released').reference}/"


def case_of_mine(key: str, rest: str = "") -> Callable[[Town], str]:
    return lambda town: f"/my/applications/{town.cases[key].number}/{rest}"


def payer_signs(town: Town) -> None:
    row = Disbursement.objects.get(award__case=town.cases["to_sign"])
    ledger.sign_receipt(row, "payer", how="clicked", by=town.people["cashier"], at=settings.CLOCK.at)
    later(days=31)(town)


def another_file(town: Town) -> dict[str, Any]:
    made = _made(town, "new-file", f"段{town.mark}酉")
    known = {"unit": str(town.unit.pk), "head_name": made.name, "identity": made.identity, "phone": made.phone, "card": made.card}
    return known | dict.fromkeys(("worker_no", "survivor_of", "stated_size", "monthly", "stated_annual_fen"), "")


def another_worker(town: Town) -> dict[str, Any]:
    made = _made(town, "new-worker", f"段{town.mark}申")
    return {
        "unit": str(town.unit.pk),
        "name": made.name,
        "identity": made.identity,
        "phone": made.phone,
        "worker_no": "Z9",
        "card": made.card,
    }


def _made(town: Town, key: str, name: str) -> Any:
    """The same person each time that a form asks for her."""
    if key not in town.things:
        town.things[key] = town.office.world.maker.person(youngest=30, oldest=45, on=today(settings.CLOCK.at), name=name)
    return town.things[key]


def file_member(town: Town) -> str:
    person = Member.objects.filter(household=town.files[0]).exclude(relation="self").order_by("pk").first()
    return f"/households/{town.files[0].number}/members/{person.pk if person else 0}/"


def discrepancy(town: Town) -> str:
    row = Discrepancy.objects.filter(household=town.files[7], settled_at=None, accepted_at=None).latest("pk")
    return f"/households/{town.files[7].number}/discrepancies/{row.pk}/"


def unlike(town: Town) -> None:
    """The file says nine, its rows fewer."""
    household.correct(town.files[7], "stated_size", 9, why=WORDS, by=None, at=settings.CLOCK.at)


def ask_transfer(town: Town) -> None:
    household.ask_transfer(
        town.files[1], town.elsewhere, WORDS, by=town.people["clerk"], at=settings.CLOCK.at,
    )  # fmt: skip


def same_file_again(town: Town) -> None:
    """The file of another batch of the town once more: the wizard asks whether it is meant."""
    imports.upload(person_row(town), name="花名册三.csv", by=town.people["clerk"], at=settings.CLOCK.at)
    content = content_of(newest(ImportBatch, town).file)
    imports.upload(content, name="花名册四.csv", by=town.people["clerk"], at=settings.CLOCK.at)


def odd_sum(town: Town) -> None:
    """A table of files with a stated total that is unlike the sum of its parts."""
    made = _made(town, "odd", f"段{town.mark}未")
    row = ["Z8", made.name, made.identity, town.unit.name, made.phone, made.card, 1, 1000, 99000, "本人大病", "特别困难"]
    Wizard(town.people["clerk"]).take(table(FILES, row))


def sum_of_import(town: Town) -> str:
    batch = newest(ImportBatch, town)
    return f"/imports/{batch.pk}/acceptances/{Discrepancy.objects.latest('pk').pk}/"


def answered(town: Town) -> None:
    from django.test import Client

    from bangfu.portal.tests.answers import fill as answer_pages

    client = Client()
    client.force_login(town.people["WORKER"])
    answer_pages(client)


def my_new(rest: str) -> Callable[[Town], str]:
    def address(town: Town) -> str:
        return f"/my/applications/{Case.objects.filter(household=town.files[0]).latest('pk').number}/{rest}"

    return address


def my_paper(town: Town) -> dict[str, Any]:
    current = Case.objects.filter(household=town.files[0]).latest("pk")
    if "item" not in town.things:
        town.things["item"] = next(row.id for row in checklist(current, today(settings.CLOCK.at)) if row.is_missing)
    item = town.things["item"]
    return {f"paper-{item}": SimpleUploadedFile("a.png", signature(), content_type="image/png")}


def an_account_for(key: str) -> Callable[[Town], object]:
    """The household of the case gets an account on the phone."""

    def bind(town: Town) -> None:
        household_of_case = Case.objects.select_related("household").get(pk=town.cases[key].pk).household
        Staff.objects.filter(pk=household_of_case.staff_id).update(account=town.neighbours["WORKER"])

    return bind


def adjustment(town: Town) -> str:
    return f"/policies/{Version.objects.filter(organisation=town.root).latest('pk').pk}/adjustment/"


def assessment(town: Town) -> str:
    return f"/assessments/{Assessment.objects.filter(unit=town.unit).latest('pk').pk}/"


PACK = {"file": lambda: SimpleUploadedFile("kaiyuan.zip", rules(), content_type="application/zip")}
CASH, BANK = "cash", "bank"
