"""The acts of a simulation: order, run, cancel, run again; a snapshot on demand; what adoption asks for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.access.roles import CASE_STAFF
from bangfu.access.scope import has_role, posts_of, require_role
from bangfu.audit.record import record, recording
from bangfu.household.models import Household
from bangfu.lib import ending
from bangfu.lib.days import now, today
from bangfu.lib.ending import Ended
from bangfu.lib.errors import Refused, Stale
from bangfu.policy.columns import Snapshot
from bangfu.policy.models import Draft, Version
from bangfu.policy.queries import in_force
from bangfu.process import snapshot as snapshots
from bangfu.reporting.simulation.backtest import decided
from bangfu.reporting.simulation.comparing import Stopped
from bangfu.reporting.simulation.computing import Result, Touched, compute
from bangfu.reporting.simulation.models import ORDERERS, Row, Scenario, Side
from bangfu.reporting.simulation.sides import name_of, packs_of

S = Scenario.State
INLINE = 2_000  # files; more wait for the worker
DECIDED = 1_000  # past decisions; the same
TRIES_AFTER = timedelta(minutes=15)  # a worker that died leaves its job to the next
FRESH = timedelta(minutes=10)


@recording
def order(
    unit: Unit,
    sides: Sequence[Version | Draft],
    *,
    title: str,
    on: date,
    by: Account,
    at: datetime,
    includes_past: bool = False,
    asking: str = "most",
    seed: int = 1,
) -> Scenario:
    """测算: keep what is to be compared and put it in the queue. The first side is A. Raises Refused, PermissionDenied."""
    require_role(by, ORDERERS, unit)
    if not has_role(by, ORDERERS & CASE_STAFF, unit) and unit.pk not in {post.unit_id for post in posts_of(by)}:
        raise Refused(_("您的岗位不看家庭档案，只能按您所在的整个单位测算。请把范围改成整个单位。"))
    if not 2 <= len(sides) <= 3:
        raise Refused(_("要选两套或三套办法来比。请在“和哪套比”里选一套。"))
    if len({side.sha256 for side in sides}) < len(sides):
        raise Refused(_("选的办法内容完全一样，没有可比的。请换一套，或先改草案。"))
    if any(side.organisation_id != unit.organisation_id for side in sides):
        raise Refused(_("只能比本单位的办法。请重新选择。"))
    twin = _twin(unit, sides, on=on, includes_past=includes_past, asking=asking, seed=seed, by=by)
    if twin is not None:
        return twin
    scenario = Scenario.objects.create(
        organisation_id=unit.organisation_id,
        unit=unit,
        title=title.strip()[:100] or str(sides[1])[:100],
        on_date=on,
        includes_past=includes_past,
        asking=asking,
        seed=seed,
        made_by=by,
        made_at=at,
    )
    for letter, side in zip("ABC", sides, strict=False):
        version, draft = (None, side) if isinstance(side, Draft) else (side, None)
        Side.objects.create(
            scenario=scenario,
            letter=letter,
            version=version,
            draft=draft,
            content=bytes(draft.content) if draft else None,
            sha256=side.sha256,
            title=str(side)[:500],
        )
    record(
        "reporting.scenario_ordered",
        scenario,
        by=by,
        at=at,
        unit=unit,
        on=on.isoformat(),
        sides={letter: side.sha256 for letter, side in zip("ABC", sides, strict=False)},
    )
    return scenario


def _twin(unit: Unit, sides: Sequence[Version | Draft], *, by: Account, **asked: Any) -> Scenario | None:
    """The same question of the same person that is not answered yet: a second click, another tab."""
    asked["on_date"] = asked.pop("on")
    for scenario in Scenario.objects.waiting().filter(unit=unit, made_by=by, is_cancelling=False, **asked):
        if list(scenario.sides.order_by("letter").values_list("sha256", flat=True)) == [side.sha256 for side in sides]:
            return scenario
    return None


def is_quick(unit: Unit) -> bool:
    """Few enough files and past decisions to be computed within the request."""
    return is_small(unit) and decided(unit) <= DECIDED


def is_small(unit: Unit) -> bool:
    """Few enough files for a snapshot within the request."""
    return Household.objects.filter(unit__path__startswith=unit.organisation.path)[: INLINE + 1].count() <= INLINE


def run(scenario: Scenario, *, at: datetime) -> Scenario:
    """Compute a waiting scenario. A refusal (a rule that stops) is kept on it and raised; a cancelled one ends quietly.

    One program at a time: it claims the scenario by `started_at` and is heard from in `heard_at`; one that is not heard from
    any more loses it to the next.
    """
    if (
        not Scenario.objects.runnable(at - TRIES_AFTER)
        .filter(pk=scenario.pk)
        .update(state=S.RUNNING, started_at=at, heard_at=now(), failure="", step="", done=0, of=0)
    ):
        return Scenario.objects.get(pk=scenario.pk)
    scenario = Scenario.objects.select_related("unit", "made_by").get(pk=scenario.pk)
    scenario.rows.all().delete()  # of a program that died half way
    try:
        snapshot = snapshot_for(scenario.unit, scenario.on_date, at=at, progress=_snapshot_progress(scenario))
        result = compute(
            packs_of(scenario),
            snapshot,
            scenario.unit,
            scenario.on_date,
            includes_past=scenario.includes_past,
            asking=scenario.asking,
            seed=scenario.seed,
            today=today(at),
            progress=lambda step, done, of: _told(scenario, words_of(step), done, of),
            keep=lambda rows: _keep_rows(scenario, rows),
        )
    except Ended:  # the program ends: taken up again at the next start
        _mine(scenario).update(state=S.WAITING, started_at=None, heard_at=None, step="")
        raise
    except Stopped:
        return _end(scenario, S.CANCELLED, "", at)
    except Refused as refusal:
        if Scenario.objects.filter(pk=scenario.pk, is_cancelling=True).exists():
            return _end(scenario, S.CANCELLED, "", at)
        _end(scenario, S.FAILED, str(refusal), at)
        raise
    except Exception:
        _end(scenario, S.FAILED, _("计算时出了意外，没有结果。请再算一次；还不行，请把方案编号告诉系统管理员。"), at)
        raise
    return _keep(scenario, snapshot, result, at)


def words_of(step: str) -> str:
    """What is being done, in words: a side's letter, or the name of a later step."""
    later = {"ranking": _("正在排先后"), "rows": _("正在写受影响名单"), "backtest": _("正在和过去的评审对照")}
    return later.get(step, _("正在按各套办法逐户计算"))


def _mine(scenario: Scenario) -> Any:
    """The scenario as long as this run holds it."""
    return Scenario.objects.filter(pk=scenario.pk, state=S.RUNNING, started_at=scenario.started_at)


def _keep_rows(scenario: Scenario, rows: list[Touched]) -> None:
    """A few touched households at a time; nobody sees them before the scenario is done."""
    Row.objects.bulk_create(
        Row(
            scenario=scenario,
            letter=one.letter,
            household_id=one.key,
            move=one.move,
            class_before=one.class_before,
            class_after=one.class_after,
            fen_before=one.fen_before,
            fen_after=one.fen_after,
            is_sample=one.is_sample,
        )
        for one in rows
    )


@recording
def _keep(scenario: Scenario, snapshot: Snapshot, result: Result, at: datetime) -> Scenario:
    claim = scenario.started_at
    scenario = Scenario.objects.select_for_update(no_key=True, of=("self",)).select_related("unit", "made_by").get(pk=scenario.pk)
    if scenario.state != S.RUNNING or scenario.started_at != claim:
        raise Stale(_("这个方案已经在别处改过。请刷新页面再看。"))
    if scenario.is_cancelling:  # at the very last moment
        return _end(scenario, S.CANCELLED, "", at)
    scenario.state, scenario.finished_at, scenario.step = S.DONE, at, ""
    scenario.snapshot, scenario.snapshot_sha256 = name_of(snapshot), snapshot.sha256
    scenario.snapshot_at, scenario.households = parse_datetime(snapshot.made_at), snapshot.households
    scenario.millis, scenario.result, scenario.result_sha256 = result.millis, result.summary, result.sha256
    scenario.save()
    record(
        "reporting.scenario_run",
        scenario,
        by=scenario.made_by,
        at=at,
        unit=scenario.unit,
        sides={side.letter: side.sha256 for side in scenario.sides.all()},
        snapshot=snapshot.sha256,
        result=result.sha256,
    )
    return scenario


@recording
def _end(scenario: Scenario, state: str, why: str, at: datetime) -> Scenario:
    """Ended without a result: nothing of it stays. A run that has lost its scenario to another one ends nothing."""
    held = _mine(scenario) if scenario.state == S.RUNNING else Scenario.objects.filter(pk=scenario.pk, state=S.WAITING)
    if not held.update(state=state, failure=why, finished_at=at, step=""):
        return Scenario.objects.get(pk=scenario.pk)
    Row.objects.filter(scenario=scenario).delete()
    scenario = Scenario.objects.select_related("unit", "made_by", "cancelled_by").get(pk=scenario.pk)
    kind = "reporting.scenario_cancelled" if state == S.CANCELLED else "reporting.scenario_failed"
    by = scenario.cancelled_by if state == S.CANCELLED else scenario.made_by
    record(kind, scenario, by=by, at=at, unit=scenario.unit)
    return scenario


def cancel(scenario: Scenario, *, by: Account, at: datetime) -> Scenario:
    """取消: a waiting one ends now, a running one at its next resting place. Raises Refused when it is over already."""
    require_role(by, ORDERERS, scenario.unit)
    with transaction.atomic():
        found = Scenario.objects.select_for_update(no_key=True, of=("self",)).get(pk=scenario.pk)
        if not found.is_waiting:
            raise Refused(_("这个方案现在是“%(state)s”，没有可取消的。") % {"state": found.get_state_display()})
        found.is_cancelling, found.cancelled_by = True, by
        found.save(update_fields=["is_cancelling", "cancelled_by"])
        waits = found.state == S.WAITING
    return _end(found, S.CANCELLED, "", at) if waits else found


@recording
def again(scenario: Scenario, *, by: Account, at: datetime) -> Scenario:
    """再算一次: the same sides, day and assumptions on the files as they are now; the old result stays."""
    sides = [side.draft or side.version for side in scenario.sides.select_related("draft", "version")]
    return order(
        scenario.unit,
        [side for side in sides if side is not None],
        title=scenario.title,
        on=scenario.on_date,
        by=by,
        at=at,
        includes_past=scenario.includes_past,
        asking=scenario.asking,
        seed=scenario.seed,
    )


def snapshot_for(unit: Unit, on: date, *, at: datetime, progress: snapshots.Progress | None = None) -> Snapshot:
    """The files of the whole organisation as columns: of a past day as of that day; else as of today.

    Where the files are few it is taken anew unless one of the last minutes is there; where they are many, the day's is used.
    """
    day = min(on, today(at))
    root = unit.organisation
    of_day = [Snapshot.open(path.parent) for path in snapshots.folder_of(root).glob(f"{day.isoformat()}*/manifest.json")]
    found = max(of_day, key=lambda one: one.made_at, default=None)
    if found is not None and (day < today(at) or not is_small(unit) or _made_at(found) > at - FRESH):
        return found
    return snapshots.take(root, on=day, at=at, progress=progress)


def _made_at(snapshot: Snapshot) -> datetime:
    made = parse_datetime(snapshot.made_at)
    assert made is not None
    return made


def fresh_snapshot(unit: Unit, *, by: Account, at: datetime) -> Snapshot:
    """现在做一份快照, for a preview. Raises Refused when there are too many files for a request: then order a simulation."""
    require_role(by, ORDERERS, unit)
    if not is_small(unit):
        raise Refused(_("档案超过 %(n)d 户，要在后台做。请新建一个测算方案，后台会先做快照。") % {"n": INLINE})
    made = snapshots.take(unit.organisation, on=today(at), at=at)
    with recording():
        record("reporting.snapshot_taken", unit, by=by, at=at, unit=unit, households=made.households, sha256=made.sha256)
    return made


def _snapshot_progress(scenario: Scenario) -> snapshots.Progress:
    return lambda done, of: _told(scenario, _("正在做名册快照"), done, of)


def _told(scenario: Scenario, step: str, done: int, of: int) -> bool:
    """Write how far it is; False when somebody cancelled it, or another program has taken it over."""
    ending.check()
    if not _mine(scenario).update(step=step[:40], done=done, of=of, heard_at=now()):
        return False
    return not Scenario.objects.filter(pk=scenario.pk, is_cancelling=True).exists()


def attached(draft: Draft) -> Any:
    """The finished simulations of a draft as it stands: the very same bytes beside the rules that it would follow."""
    found = Scenario.objects.filter(state=S.DONE, sides__draft=draft, sides__sha256=draft.sha256)
    return found.filter(unit=draft.unit_id).order_by("-pk").distinct()


def before(draft: Draft) -> Version | None:
    """The rules that hold when the draft begins: of the same name, else the nearest. None = there are none yet."""
    return in_force(draft.unit, draft.valid_from, draft.pack) or in_force(draft.unit, draft.valid_from)


def of_draft(draft: Draft, *, by: Account, at: datetime) -> Scenario:
    """测算草案: the draft beside the rules that it would follow, as of the day it begins, over the files of its unit."""
    held = before(draft)
    if held is None:
        raise Refused(_("%(day)s 还没有施行中的办法可以对比。") % {"day": draft.valid_from.isoformat()})
    return order(draft.unit, [held, draft], title=str(draft), on=max(draft.valid_from, today(at)), by=by, at=at)


def require_simulation(draft: Draft, by: Account) -> None:
    """Before a draft is adopted, its very bytes were simulated over the files of its unit. Raises Refused. Source: issue "Adopt"."""
    if before(draft) is None or not Household.objects.filter(unit__path__startswith=draft.unit.path).exists():
        return  # the first rules, or nobody on file: nothing to compare
    scenario = attached(draft).first()
    if scenario is None:
        raise Refused(_("这份草案还没有测算过，不能批准：看不出哪些户受影响、要多少钱。请在草案页按“测算这份草案”，算完再批准。"))
    record(  # beside the act itself: which figures were on the table, and before whom
        "reporting.scenario_relied_on",
        scenario,
        by=by,
        at=now(),
        unit=draft.unit,
        draft=draft.pk,
        sha256=draft.sha256,
        result=scenario.result_sha256,
    )
