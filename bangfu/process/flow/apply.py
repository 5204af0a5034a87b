"""申请: open a case, hand in papers, accept it."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Counter, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import recording
from bangfu.evidence.flow import digest_of, store
from bangfu.household.kin import require_not_related
from bangfu.household.models import Household
from bangfu.household.models.words import OPEN_STATES
from bangfu.household.queries import payee_of
from bangfu.lib.days import local, today
from bangfu.lib.errors import Refused
from bangfu.policy import procedure
from bangfu.process import messages, pack
from bangfu.process.facts import facts_of_household
from bangfu.process.flow.common import advance, clean, locked, note, place, require, stay
from bangfu.process.models import Award, Case, Paper
from bangfu.process.words import CATEGORY_OF_CAUSE

#: Who opens a case for a worker (代办) and hands in papers for her.
FILERS = frozenset({Role.UNIT_CLERK, Role.UNIT_CHAIR, Role.OFFICE_OFFICER, Role.OFFICE_HEAD})


@recording
def start(
    household: Household,
    programme: str,
    *,
    asked_fen: int | None = None,
    method: str = Award.Method.BANK,
    is_urgent: bool = False,
    by: Account,
    at: datetime,
) -> Case:
    """开案: one case of one household for one programme, under the rules in force today. `asked_fen` None: as the rules say.

    By the worker herself or by her union for her. Raises Refused (no rules, unknown programme, file closed, one is open
    already, her own kin's or household's filed by staff), PermissionDenied. Source: S0-16 (1).
    """
    own = household.staff is not None and household.staff.account_id == by.pk
    if not own:
        require_role(by, FILERS, household.unit)
        require_not_related(by, household)
    if household.state not in OPEN_STATES:
        raise Refused(
            _("%(number)s 的档案%(state)s，不能申请。确有困难，请先重新建档。")
            % {"number": household.number, "state": household.get_state_display()}
        )
    version = pack.version_for(household.unit, today(at), programme)
    found = pack.programme_in(pack.pack_of(version), programme)
    if found.is_list:
        raise Refused(_("“%(title)s”按名单发放，不用一户一户申请。") % {"title": found.title})
    running = Case.objects.open().filter(household=household, programme=programme).first()
    if running is not None:
        raise already(running)
    case = Case(
        unit=household.unit, kind=Case.Kind.RELIEF, procedure=found.procedure, programme=found.id, title=found.title,
        household=household, policy_version=version, opened_by=by, opened_at=at, handler=None if own else by,
        is_urgent=is_urgent, number=next_number(household.unit, at),
    )  # fmt: skip
    facts = facts_of_household(household, today(at)) | {"programme": programme}
    place(case, procedure.first_stage(pack.pack(case), case.procedure, facts, on=today(at)), at=at)
    try:
        with transaction.atomic():
            case.save(force_insert=True)
    except IntegrityError as error:  # twice at the same moment
        raise Refused(_("这个家庭刚刚提交过“%(title)s”，不用再交。") % {"title": found.title}) from error
    Award.objects.create(
        case=case, household=household, payee_name=payee_of(household).name, asked_fen=asked_fen, method=method,
        category=CATEGORY_OF_CAUSE.get(household.main_cause, "other"),
    )  # fmt: skip
    note("process.case_opened", case, by=by, at=at, programme=programme, household=household.number, asked_fen=asked_fen)
    messages.tell_next(case, by=by, at=at)
    messages.tell_worker(case, by=by, at=at, text=_("您的申请已提交，编号 %(number)s。") % {"number": case.number})
    return case


@recording
def accept(pk: int, *, version: int, by: Account, at: datetime) -> Case:
    """受理: the application is taken up; papers may still follow. Raises Refused, PermissionDenied."""
    case = locked(pk, kind="apply", version=version)
    require(case, by)
    if case.handler_id is None:
        case.handler = by
    note("process.application_accepted", case, by=by, at=at)
    return advance(case, "passed", act="accept", by=by, at=at)


@recording
def add_paper(
    pk: int, *, item: str, content: bytes | None = None, name: str = "", remark: str = "", by: Account, at: datetime
) -> Paper:
    """交材料 to one item of the checklist: a file (`content`, `name`), or a `remark` about an original seen on paper.

    By the worker or her union, while the case is open; not a step, so several people may hand in at once. The same again
    by the same person answers the first.
    Raises Refused (no such item, nothing handed in, closed), PermissionDenied. Source: practice.md 1.6.
    """
    case = locked(pk)
    if not case.is_open:
        raise Refused(_("%(number)s 已办结，不能再交材料。") % {"number": case.number})
    if messages.worker_of(case) != by:
        require(case, by, roles=FILERS)
    title = title_of_item(case, item)
    if content is None and len(remark.strip()) < 2:
        raise Refused(_("还没有选文件。请拍照或选文件；只看过原件的，请在备注里写明，例如“原件已核对”。"))
    same = _same_paper(case, item, content, remark.strip()[:200], by)
    if same is not None:
        return same
    file = store(content, name=name, by=by, at=at, unit=case.unit) if content is not None else None
    paper = Paper.objects.create(
        case=case, item=item, title=title, file=file, remark=remark.strip()[:200] or None, added_by=by, added_at=at
    )
    note("process.paper_added", case, by=by, at=at, item=item, paper=paper.pk, sha256=file.sha256 if file else None)
    return paper


def _same_paper(case: Case, item: str, content: bytes | None, remark: str, by: Account) -> Paper | None:
    """What the same person handed in to this item already, word for word and byte for byte: a form sent twice."""
    before = list(case.papers.filter(item=item, added_by=by, removed_at=None).select_related("file").order_by("pk"))
    alike = [one for one in before if (one.remark or "") == remark and (one.file is None) == (content is None)]
    if not alike or content is None:
        return alike[0] if alike else None
    digest = digest_of(content)
    return next((one for one in alike if one.file is not None and one.file.sha256 == digest), None)


@recording
def remove_paper(paper: Paper, *, reason: str, by: Account, at: datetime) -> Paper:
    """撤下材料 that was handed in by mistake: kept in the file, no longer counted. Raises Refused, PermissionDenied."""
    case = locked(paper.case_id)
    paper = Paper.objects.select_for_update(no_key=True).get(pk=paper.pk)
    if paper.added_by_id != by.pk:
        require(case, by, roles=FILERS)
    if not case.is_open or paper.removed_at is not None:
        raise Refused(_("这份材料不能再撤。"))
    paper.removed_at, paper.removed_reason = at, clean(reason, least=2, what=_("撤下的原因"))[:200]
    paper.save(update_fields=["removed_at", "removed_reason"])
    note("process.paper_removed", case, by=by, at=at, item=paper.item, paper=paper.pk)
    return paper


@recording
def ask_for_papers(pk: int, *, version: int, text: str, by: Account, at: datetime) -> Case:
    """催材料: tell the worker what is still missing, in plain words. Raises Refused, PermissionDenied."""
    case = locked(pk, kind=("apply", "investigate", "check"), version=version)
    require(case, by, also=FILERS)
    text = clean(text, least=4, what=_("要补的材料"))
    note("process.papers_asked_for", case, by=by, at=at)
    messages.tell_worker(case, by=by, at=at, text=_("您的申请 %(number)s 还要补材料，请登录查看。") % {"number": case.number})
    return stay(case, "ask_for_papers", "asked", by=by, at=at, reason=text)


def title_of_item(case: Case, item: str) -> str:
    """The checklist's words for an item. Raises Refused for one the rules do not know."""
    found = next((paper for paper in pack.pack(case).evidence if paper.id == item), None)
    if found is None:
        raise Refused(_("材料清单里没有这一项。请从清单里选。"))
    return found.title


def next_number(unit: Unit, at: datetime) -> str:
    """KY-A2026-0221."""
    organisation, year = unit.organisation, local(at).year
    serial = Counter.next(f"case:{organisation.code}:{year}")
    return f"{organisation.prefix or organisation.code.upper()}-A{year}-{serial:04d}"


def already(case: Case) -> Refused:
    return Refused(
        _("这个家庭的“%(title)s”已经在办，编号 %(number)s，现在是“%(stage)s”，不用再申请。请接着办那一件，或换一个项目。")
        % {"title": case.title, "number": case.number, "stage": case.stage_title}
    )
