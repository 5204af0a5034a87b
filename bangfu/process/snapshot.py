"""The registry of a unit and everything below it as columns (`policy.columns.layout`), for rules over all households at once.

Put together from the very facts that a case is judged by, a thousand files at a time, so that memory does not grow with
the registry. Files are 0600 under `var/snapshots/`; no name, number, card or diagnosis is in them, but codes of health,
disability and causes are: whoever copies the folder away copies those. Source: issue 3 "Scale and speed"; PIPL 28-29.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.household.history import as_they_were
from bangfu.household.models import Household, Member
from bangfu.lib import ending
from bangfu.lib.days import local, today
from bangfu.lib.errors import Refused
from bangfu.policy.columns import Snapshot, Writer, tables_of
from bangfu.policy.facts import BadFacts, read_facts
from bangfu.policy.vocabulary import VOCABULARY
from bangfu.process.facts import facts_of_households

BATCH = 1_000  # files read at once
PART = 250_000  # households in one partition: one query each
NIGHT = (1, 5)  # hours in Shanghai
KEPT = 8  # snapshots of a unit that stay
#: Codes that PIPL 28 calls sensitive: health, disability, hardship's cause. Named in the manifest.
SENSITIVE = frozenset({"health", "disability_grade", "main_cause", "member_medical_self_paid_fen", "medical_self_paid_fen",
                       "disability_expense_fen", "grade", "national_class"})  # fmt: skip
_SEALED = ("identity", "phone", "card", "address", "clue_note")  # not even read

Progress = Callable[[int, int], bool | None]


def folder_of(unit: Unit) -> Path:
    return Path(settings.VAR) / "snapshots" / unit.code


def take(unit: Unit, *, on: date, at: datetime, progress: Progress | None = None) -> Snapshot:
    """Write the registry of a unit tree, as of a day, to columns. One row a file, whatever its state (see household.history).

    Raises Refused (and leaves nothing behind) when a file holds a figure that no rule could read; `progress(done, of)`
    stops the work by answering False.
    """
    folder = _free(folder_of(unit), on)
    writer = Writer(folder, VOCABULARY.facts, unit=unit.code, day=on, made_at=at, sensitive=SENSITIVE)
    files = Household.objects.filter(unit__path__startswith=unit.path).order_by("pk")
    whole = files.count()
    try:
        import pyarrow as pa

        done, waiting = 0, []  # Arrow tables of a part, a batch each: small beside Python objects
        held = 0
        for batch in _batches(files):
            ending.check()
            if progress is not None and progress(done, whole) is False:
                raise Refused(_("快照已取消。"))
            waiting.append(tables_of(rows_of(batch, on, is_past=on < today(at)), VOCABULARY.facts))
            done, held = done + len(batch), held + len(batch)
            if held >= PART:
                writer.add(_joined(waiting, pa))
                waiting, held = [], 0
        if waiting or not writer.parts:
            writer.add(_joined(waiting, pa))
        return writer.close()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def rows_of(files: list[Household], on: date, *, is_past: bool = False) -> Iterator[dict[str, Any]]:
    """The facts of some files with their keys; of a past day as the files were then, those only that were there.

    Raises Refused naming the file whose facts no rule could read.
    """
    if is_past:
        files = as_they_were(files, on)
    prefetch_related_objects(files, Prefetch("members", Member.objects.defer("identity", "diagnosis", "disability_kind", "name")))
    for file, facts in zip(files, facts_of_households(files, on), strict=True):
        try:
            read_facts(facts, VOCABULARY)
        except BadFacts as wrong:
            raise Refused(_("档案 %(number)s 的数字不能用于计算：%(why)s") % {"number": file.number, "why": wrong}) from wrong
        yield {"key": file.pk, **facts}


def latest(unit: Unit) -> Snapshot | None:
    """The snapshot of the latest day that covers the unit: its own, or that of a unit above it. None while there is none."""
    for code in _codes_upward(unit):
        folder = Path(settings.VAR) / "snapshots" / code
        made = sorted((path.parent for path in folder.glob("*/manifest.json")), key=_day, reverse=True)
        if made:
            return Snapshot.open(made[0])
    return None


def take_at_night(*, at: datetime) -> list[Snapshot]:
    """`take_all` between 1 and 5 o'clock, when nobody waits for the disk; at other hours nothing."""
    return take_all(at=at) if NIGHT[0] <= local(at).hour < NIGHT[1] else []


def take_all(*, at: datetime) -> list[Snapshot]:
    """A fresh snapshot of each organisation, old ones removed."""
    made = []
    for root in Unit.objects.filter(parent=None):
        day = today(at)
        folder = folder_of(root)
        if any(path.parent.name.split("+")[0] == day.isoformat() for path in folder.glob("*/manifest.json")):
            continue  # tonight's is there already
        for half in folder.glob("*"):  # a power cut left it: whatever ends in order leaves nothing
            if not (half / "manifest.json").exists():
                shutil.rmtree(half, ignore_errors=True)
        made.append(take(root, on=day, at=at))
        for old in sorted((path.parent for path in folder.glob("*/manifest.json")), key=_age)[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
    return made


def _batches(files: Any) -> Iterator[list[Household]]:
    """By key, not by a cursor held open: no long transaction stands in a writer's way."""
    last = 0
    while True:
        batch = list(files.filter(pk__gt=last).select_related("staff").defer(*_SEALED, "staff__identity", "staff__phone")[:BATCH])
        if not batch:
            return
        yield batch
        last = batch[-1].pk


def _joined(waiting: list[dict[str, Any]], pa: Any) -> dict[str, Any]:
    names = dict.fromkeys(name for tables in waiting for name in tables)
    return {
        name: pa.concat_tables([tables[name] for tables in waiting if name in tables], promote_options="default") for name in names
    } or tables_of([], VOCABULARY.facts)


def _free(folder: Path, on: date) -> Path:
    """`2026-11-21`, and `2026-11-21+2` for another of the same day."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for number in range(1, 1000):
        path = folder / (on.isoformat() if number == 1 else f"{on.isoformat()}+{number}")
        if not path.exists():
            return path
    raise Refused(_("同一天的快照太多。请先删去旧的。"))


def _day(folder: Path) -> tuple[str, float]:
    """By the day that it is of, then by when it was made: one of a past day may be made later than today's."""
    return folder.name.split("+")[0], (folder / "manifest.json").stat().st_mtime


def _age(folder: Path) -> tuple[float, str]:
    return (folder / "manifest.json").stat().st_mtime, folder.name


def _codes_upward(unit: Unit) -> list[str]:
    from bangfu.process.facts import codes_above

    return codes_above({unit.pk})[unit.pk][::-1]
