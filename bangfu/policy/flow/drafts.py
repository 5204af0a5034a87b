"""From a draft to rules in force: opened, changed, submitted, adopted by a second person or by the committee. Source: issue "Adopt"."""

from __future__ import annotations

import io
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.access.scope import require_role
from bangfu.audit.record import record, recording, subject_of
from bangfu.governance.flow import put_on_agenda
from bangfu.governance.models import Resolution, Session
from bangfu.governance.queries import committee_of, waiting_motion
from bangfu.lib.errors import Refused
from bangfu.policy.examples import check
from bangfu.policy.figures_text import read_figure
from bangfu.policy.flow import ADOPTERS, adopt, before_adoption
from bangfu.policy.loading import load_pack
from bangfu.policy.models import Draft, DraftStep, Version
from bangfu.policy.pack import Pack
from bangfu.policy.parameters import Where
from bangfu.policy.reading import read_files, to_zip

State, Kind = Draft.State, DraftStep.Kind


@recording
def open_draft(
    content: bytes, *, unit: Unit, valid_from: date, by: Account, at: datetime, based_on: Version | None = None
) -> Draft:
    """起草办法: keep a pack as a draft for a unit, from a version or from an uploaded zip. Raises BadPack with each fault's line.

    Examples need not pass yet; they must when it is submitted. Only the policy administrator drafts. The same again, while it
    is still a draft, answers the first.
    """
    require_role(by, Role.POLICY_ADMIN, unit)
    pack = load_pack(content)
    files = to_zip(read_files(content).files)
    if based_on is not None and (based_on.pack, based_on.unit_id) != (pack.id, unit.pk):
        raise Refused(_("草案和它所依据的版本不是同一套办法。请核对 pack.yaml 的 id。"))
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # two at once: the second sees the first
    same = Draft.objects.filter(
        sha256=pack.sha256, unit=unit, valid_from=valid_from, based_on=based_on, made_by=by, state=State.DRAFT
    ).first()
    if same is not None:
        return same
    draft = Draft.objects.create(
        pack=pack.id,
        title=pack.title,
        content=files,
        sha256=pack.sha256,
        unit=unit,
        organisation_id=unit.organisation_id,
        based_on=based_on,
        valid_from=valid_from,
        made_by=by,
        made_at=at,
    )
    _step(draft, Kind.OPENED, by, at, str(based_on) if based_on else "")
    return draft


@recording
def adjust(
    version: Version, name: str, typed: str, *, valid_from: date, document_no: str, by: Account, at: datetime, where: Where = ()
) -> Draft:
    """调标: a draft of the version with one more value of a standard, from a day on, by a document.

    `typed` as in a pack: 1000元, 40%, 1.5倍, 3. Raises Refused when the value cannot be read, the standard is not one plain
    value of this pack's own, or a value already begins on that day.
    """
    files = dict(read_files(bytes(version.content)).files)
    files["parameters.yaml"] = with_value(load_pack(bytes(version.content)), files, name, typed, valid_from, document_no, where)
    return open_draft(to_zip(files), unit=version.unit, valid_from=valid_from, by=by, at=at, based_on=version)


@recording
def change_draft(draft: Draft, name: str, typed: str, *, valid_from: date, document_no: str, by: Account, at: datetime) -> Draft:
    """改草案的标准: another new value in a draft that is not submitted yet."""
    draft = _locked(draft, State.DRAFT)
    require_role(by, Role.POLICY_ADMIN, draft.unit)
    files = dict(read_files(bytes(draft.content)).files)
    files["parameters.yaml"] = with_value(load_pack(bytes(draft.content)), files, name, typed, valid_from, document_no, ())
    content = to_zip(files)
    pack = load_pack(content)
    draft.content, draft.sha256 = content, pack.sha256
    draft.save(update_fields=["content", "sha256"])
    _step(draft, Kind.CHANGED, by, at, pack.parameters[name].title)
    return draft


@recording
def submit(draft: Draft, *, by: Account, at: datetime) -> Draft:
    """报请批准: every file and every worked example is right. Raises Refused with the faults by file and line."""
    draft = _locked(draft, State.DRAFT)
    require_role(by, Role.POLICY_ADMIN, draft.unit)
    _pack, problems = check(bytes(draft.content))
    if problems:
        shown = "\n".join(str(problem) for problem in problems[:20])
        raise Refused(_("草案有 %(n)d 处问题，不能报请批准：\n%(problems)s") % {"n": len(problems), "problems": shown})
    draft.state, draft.submitted_by = State.SUBMITTED, by
    draft.save(update_fields=["state", "submitted_by"])
    _step(draft, Kind.SUBMITTED, by, at)
    return draft


@recording
def return_draft(draft: Draft, *, note: str, by: Account, at: datetime) -> Draft:
    """退回修改: back to the one who drafts, with the reason."""
    draft = _locked(draft, State.SUBMITTED)
    require_role(by, ADOPTERS, draft.unit)
    _not_on_agenda(draft)
    if not note.strip():
        raise Refused(_("没有写退回的原因。请写明要改什么。"))
    return _returned(draft, note.strip()[:400], by, at)


def _returned(draft: Draft, note: str, by: Account, at: datetime) -> Draft:
    draft.state, draft.submitted_by = State.DRAFT, None
    draft.save(update_fields=["state", "submitted_by"])
    _step(draft, Kind.RETURNED, by, at, note)
    return draft


@recording
def withdraw(draft: Draft, *, by: Account, at: datetime) -> Draft:
    """撤下草案: it will not come into force."""
    draft = _locked(draft, State.DRAFT, State.SUBMITTED)
    require_role(by, Role.POLICY_ADMIN, draft.unit)
    _not_on_agenda(draft)
    draft.state = State.WITHDRAWN
    draft.save(update_fields=["state"])
    _step(draft, Kind.WITHDRAWN, by, at)
    return draft


@recording
def adopt_draft(draft: Draft, *, by: Account, at: datetime) -> Version:
    """批准草案: a second person puts it into force from its day on.

    Raises PermissionDenied for whoever opened, changed or submitted it; Refused by a hook of `before_adoption`, or as `adopt`.
    """
    draft = _locked(draft, State.SUBMITTED)
    require_role(by, ADOPTERS, draft.unit)
    _not_on_agenda(draft)
    return _adopted(draft, by, at)


def _adopted(draft: Draft, by: Account, at: datetime, resolution: str = "") -> Version:
    if had_a_hand_in(draft, by):
        raise PermissionDenied(_("这份草案是您起草、修改或报请的，不能由您自己批准。请另一位办法管理员或帮扶办公室主任批准。"))
    for hook in before_adoption:
        hook(draft, by)
    version = adopt(bytes(draft.content), unit=draft.unit, valid_from=draft.valid_from, by=by, at=at, resolution=resolution)
    draft.state, draft.adopted_by, draft.adopted = State.ADOPTED, by, version
    draft.save(update_fields=["state", "adopted_by", "adopted"])
    _step(draft, Kind.ADOPTED, by, at, _("决议 %(number)s") % {"number": resolution} if resolution else "")
    return version


def had_a_hand_in(draft: Draft, account: Account) -> bool:
    """Did the account open, change or submit it? Then it neither adopts it nor votes on it."""
    own = {Kind.OPENED, Kind.CHANGED, Kind.SUBMITTED}
    return draft.steps.filter(by=account, kind__in=own).exists() or account.pk in (draft.made_by_id, draft.submitted_by_id)


def _not_on_agenda(draft: Draft) -> None:
    motion = waiting_motion(subject_of(draft))
    if motion is not None:
        raise Refused(_("这份草案在%(session)s的议程上，等着表决。要改由人办理，请先撤下议题。") % {"session": motion.session})


# --- the committee ---


@recording
def put_to_committee(draft: Draft, *, session: Session, by: Account, at: datetime) -> Draft:
    """排进评审会: a submitted draft is put to the vote; passed, it is adopted by the resolution.

    What would hold an adoption back holds this back too. Raises Refused (on an agenda, no simulation, another unit's
    committee), PermissionDenied. Source: issue "Adopt".
    """
    draft = _locked(draft, State.SUBMITTED)
    if session.committee != committee_of(draft.unit):
        raise Refused(
            _("这份草案归%(name)s，不能排进别的委员会。请选它的会议。") % {"name": committee_of(draft.unit) or draft.unit}
        )
    for hook in before_adoption:
        hook(draft, by)
    title = _("批准《%(title)s》，%(day)s 起施行") % {"title": draft.title[:40], "day": draft.valid_from.isoformat()}
    put_on_agenda(session, subject_of(draft), title=title[:80], number=str(_("草案 %(pk)d") % {"pk": draft.pk}), by=by, at=at)
    _step(draft, Kind.PUT, by, at, str(session))
    return draft


def carry_out(draft: Draft, resolution: Resolution, *, by: Account, at: datetime) -> None:
    """What the committee resolved: adopted, or back to the one who drafts.

    The vote is not lost when the rules cannot come into force (a simulation is out of date, the day is past): then the step
    says why, and a second person adopts or returns the draft. Call it inside the resolution's recording.
    """
    draft = _locked(draft, State.SUBMITTED)
    if resolution.outcome != Resolution.Outcome.PASSED:
        words = _("%(outcome)s（决议 %(number)s）") % {"outcome": resolution.get_outcome_display(), "number": resolution.number}
        _returned(draft, words, by, at)
        return
    try:
        with recording():
            _adopted(draft, by, at, resolution.number)
    except (Refused, PermissionDenied) as wrong:
        _step(draft, Kind.RESOLVED, by, at, _("决议 %(number)s：%(why)s") % {"number": resolution.number, "why": wrong})


def _locked(draft: Draft, *states: str) -> Draft:
    """The draft's row, locked; Refused when it has gone on meanwhile."""
    found = Draft.objects.select_for_update(no_key=True, of=("self",)).select_related("unit").get(pk=draft.pk)
    if found.state not in states:
        raise Refused(_("这份草案现在是“%(state)s”，这一步办不了。请刷新页面再看。") % {"state": found.get_state_display()})
    return found


def _step(draft: Draft, kind: str, by: Account, at: datetime, note: str = "") -> None:
    DraftStep.objects.create(draft=draft, kind=kind, by=by, at=at, note=note[:400], sha256=draft.sha256)
    record(
        f"policy.draft_{kind}", draft, by=by, at=at, unit=draft.unit, pack=draft.pack, sha256=draft.sha256,
        valid_from=draft.valid_from.isoformat(),
    )  # fmt: skip


def with_value(
    pack: Pack, files: dict[str, bytes], name: str, typed: str, valid_from: date, document_no: str, where: Where
) -> bytes:
    """parameters.yaml with one more value of a standard; comments and the order of the file stay."""
    standard = pack.parameters.get(name)
    if standard is None:
        raise Refused(_("没有这个标准。请重新选择。"))
    if standard.shape != "value":
        raise Refused(_("“%(title)s”是一张表或一份清单，请下载办法包改好再上传。") % {"title": standard.title})
    if any(entry.where == where and entry.from_date == valid_from for entry in standard.entries):
        raise Refused(
            _("“%(title)s”在 %(day)s 已有一个值。请换一个日期。") % {"title": standard.title, "day": valid_from.isoformat()}
        )
    text = typed.strip().replace("，", "").replace(",", "")
    value: str | int = int(text) if text.lstrip("-").isdigit() and standard.unit not in ("fen", "permille") else text
    if standard.unit == "fen" and not text.endswith("元"):
        value = f"{text}元"
    try:
        read_figure(value, standard.type, standard.unit)
    except (ValueError, Refused) as wrong:
        raise Refused(str(wrong)) from wrong
    reader = YAML(typ="rt", pure=True)
    reader.preserve_quotes = True
    reader.width = 4096
    try:
        tree = reader.load(files.get("parameters.yaml", b"").decode("utf-8-sig"))
    except (YAMLError, UnicodeDecodeError) as wrong:
        raise Refused(_("parameters.yaml 读不懂，请下载办法包改好再上传。")) from wrong
    if not tree or name not in tree:
        raise Refused(
            _("“%(title)s”沿用上位办法，不能在这里调。请在上位办法里调，或上传改好的办法包。") % {"title": standard.title}
        )
    entry = CommentedMap({"from": valid_from, "value": value})
    if where:
        entry["where"] = dict(where)
    if document_no.strip():
        entry["document_no"] = document_no.strip()
    entry.fa.set_flow_style()
    tree[name]["values"].append(entry)
    out = io.StringIO()
    reader.indent(mapping=2, sequence=4, offset=2)
    reader.dump(tree, out)
    return out.getvalue().encode()
