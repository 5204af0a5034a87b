"""Adopt rules, assess households by them. Source: contracts.md "Rules"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Max, Model
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF, Role
from bangfu.access.scope import require_role
from bangfu.audit.record import record, recording, subject_of
from bangfu.lib.days import today
from bangfu.lib.errors import Refused
from bangfu.policy.evaluation import evaluate
from bangfu.policy.examples import check
from bangfu.policy.facts import canonical
from bangfu.policy.models import Assessment, Draft, Version
from bangfu.policy.outcome import Outcome
from bangfu.policy.queries import pack_of, replay
from bangfu.policy.reading import read_files, to_zip

ADOPTERS = frozenset({Role.POLICY_ADMIN, Role.OFFICE_HEAD})
#: Asked of every draft before it is adopted (`flow.drafts.adopt_draft`); each may raise Refused: a simulation is attached.
before_adoption: list[Callable[[Draft, Account], None]] = []


@recording
def adopt(pack_bytes: bytes, *, unit: Unit, valid_from: date, by: Account | None, at: datetime, resolution: str = "") -> Version:
    """颁布办法: keep a pack's bytes as the rules of a unit and everything below it, from a day on.

    The pack is checked in full first, its examples included. Raises Refused when it has faults, when a version of the same
    pack already begins on that day or later, or when the day is past and rules are already in force on it; PermissionDenied.
    `by` None = adopted by command, at installation. `resolution` is the number of the committee's resolution: it stands in
    the place of a post, and `by` is who announced it.
    """
    if by is not None and not resolution:
        require_role(by, ADOPTERS, unit)
    pack, problems = check(pack_bytes)
    if pack is None or problems:
        shown = "\n".join(str(problem) for problem in problems[:20])
        raise Refused(_("办法包有 %(n)d 处问题，不能颁布：\n%(problems)s") % {"n": len(problems), "problems": shown})
    _no_overlap(pack.id, unit, valid_from, at)
    if valid_from < pack.valid_from or (pack.valid_to is not None and valid_from >= pack.valid_to):
        raise Refused(
            _("《%(title)s》从 %(day)s 起施行，不能早于这一天颁布。") % {"title": pack.title, "day": pack.valid_from.isoformat()}
        )
    version = Version.objects.create(
        pack=pack.id,
        title=pack.title,
        issuer=pack.issuer,
        document_no=pack.document_no,
        content=to_zip(read_files(pack_bytes).files),
        sha256=pack.sha256,
        unit=unit,
        organisation_id=unit.organisation_id,
        valid_from=valid_from,
        valid_to=pack.valid_to,
        adopted_by=by,
        adopted_at=at,
    )
    record(
        "policy.version_adopted",
        version,
        by=by,
        at=at,
        unit=unit,
        pack=pack.id,
        valid_from=valid_from.isoformat(),
        sha256=pack.sha256,
        **({"resolution": resolution} if resolution else {}),
    )
    return version


def _no_overlap(pack_id: str, unit: Unit, valid_from: date, at: datetime) -> None:
    """The unit's row is locked, so that two adoptions at once cannot both pass. A new version only ever follows the last one."""
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)
    last = Version.objects.filter(unit=unit, pack=pack_id).aggregate(last=Max("valid_from"))["last"]
    if last is None:
        return
    if valid_from <= last:
        raise Refused(_("这套办法已有 %(day)s 起施行的版本，新版本要从更晚的日子起。") % {"day": last.isoformat()})
    if valid_from < today(at):
        raise Refused(_("已经施行过的日子不能改换办法。请把施行日期定在今天或以后。"))


@recording
def assess(
    version: Version,
    subject: Model | str,
    facts: Mapping[str, Any],
    *,
    on: date,
    unit: Unit,
    by: Account | None,
    at: datetime,
    outcome: Outcome | None = None,
) -> Assessment:
    """对照办法评定: what the version says of these facts on this day, kept word for word.

    `facts` as in `facts.read_facts`: fen, codes, days; no name, paper number or diagnosis. `outcome` is given when the
    same version has just answered the same facts on the same day (a list's preview). Raises BadFacts, RuleStopped.
    """
    outcome = outcome or evaluate(pack_of(version), facts, on)
    assessment = Assessment.objects.create(
        version=version,
        subject=subject_of(subject),
        unit=unit,
        on_date=on,
        facts=canonical(facts),
        outcome=outcome.outcome,
        class_code=outcome.class_ or "",
        result=outcome.canonical(),
        at=at,
        by=by,
    )
    record(
        "policy.household_assessed",
        assessment.subject,
        by=by,
        at=at,
        unit=unit,
        assessment=assessment.pk,
        version=version.pk,
        outcome=outcome.outcome,
        missing=list(outcome.missing),
        **{"class": outcome.class_},
    )
    return assessment


@recording
def check_replay(assessment: Assessment, *, by: Account, at: datetime) -> bool:
    """重新计算核对: is the stored result, byte for byte, what its own version says of its own facts? Recorded either way."""
    require_role(by, CASE_STAFF, assessment.unit)
    try:
        replay(assessment)
        same = True
    except Refused:
        same = False
    record(
        "policy.assessment_replayed", assessment.subject, by=by, at=at, unit=assessment.unit, assessment=assessment.pk, same=same
    )
    return same
