"""Shared reads: which rules are in force where, as compiled packs; assessments and their replay."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from threading import Lock
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.lib.errors import Refused
from bangfu.policy.evaluation import evaluate
from bangfu.policy.loading import load_pack
from bangfu.policy.models import Assessment, Version
from bangfu.policy.outcome import Outcome
from bangfu.policy.pack import Pack
from bangfu.policy.parameters import Entry, Standard
from bangfu.policy.vocabulary import VOCABULARY
from bangfu.policy.wording import figure, ratio

KEPT = 32
_compiled: OrderedDict[str, Pack] = OrderedDict()  # of this process, by sha256: a pack never changes
_lock = Lock()


def pack_of(version: Version) -> Pack:
    """The version's rules, compiled; read once a process. Raises Refused when the stored bytes are not what was adopted."""
    with _lock:
        pack = _compiled.get(version.sha256)
        if pack is not None:
            _compiled.move_to_end(version.sha256)
            return pack
    pack = load_pack(bytes(version.content))
    if pack.sha256 != version.sha256:
        raise Refused(
            _("%(version)s的内容和颁布时的指纹不符，可能被改动过。请联系系统管理员，不要继续办理。") % {"version": version}
        )
    with _lock:
        _compiled[version.sha256] = pack
        while len(_compiled) > KEPT:
            _compiled.popitem(last=False)
    return pack


def all_in_force(unit: Unit, on: date) -> list[Version]:
    """The versions that hold for a unit on a day, one a pack, the nearest unit's first; a nearer one hides the same pack above.

    One statement. Source: contracts.md "Rules"; issue "nearest wins".
    """
    above = [int(part) for part in unit.path.split("/") if part]
    rows = Version.objects.light().filter(unit__in=above, valid_from__lte=on).select_related("unit").order_by("valid_from", "pk")
    latest: dict[tuple[int, str], Version] = {(row.unit_id, row.pack): row for row in rows}
    held = [row for row in latest.values() if row.valid_to is None or on < row.valid_to]
    held.sort(key=lambda row: (-len(row.unit.path), row.pk))
    nearest: dict[str, Version] = {}
    for row in held:
        nearest.setdefault(row.pack, row)
    return list(nearest.values())


def in_force(unit: Unit, on: date, pack_id: str | None = None) -> Version | None:
    """The version that holds for a unit on a day: of `pack_id`, or of the nearest unit's pack. None while there is none."""
    versions = all_in_force(unit, on)
    return next((row for row in versions if pack_id is None or row.pack == pack_id), None)


def in_force_for(unit: Unit, on: date, programme_id: str) -> Version | None:
    """The version in force that knows this programme."""
    return next((row for row in all_in_force(unit, on) if pack_of(row).programme(programme_id)), None)


def ends_on(version: Version) -> date | None:
    """The first day on which the version no longer holds; None = open. Counts versions adopted since."""
    same = Version.objects.light().filter(unit=version.unit_id, pack=version.pack)
    return endings(same)[version.pk]


def endings(versions: Iterable[Version]) -> dict[int, date | None]:
    """When each of these versions stops to hold, by pk; `versions` holds all of each pack and unit that it holds any of."""
    rows = sorted(versions, key=lambda row: (row.unit_id, row.pack, row.valid_from))
    ends: dict[int, date | None] = {}
    for place, row in enumerate(rows):
        following = rows[place + 1] if place + 1 < len(rows) else None
        same = following is not None and (following.unit_id, following.pack) == (row.unit_id, row.pack)
        days = [day for day in (row.valid_to, following.valid_from if same and following else None) if day is not None]
        ends[row.pk] = min(days) if days else None
    return ends


def replay(assessment: Assessment) -> Outcome:
    """The assessment worked out again under its own version from its own facts: the same bytes. Raises Refused if they differ."""
    outcome = evaluate(pack_of(assessment.version), json.loads(assessment.facts), assessment.on_date)
    if outcome.canonical() != assessment.result:
        raise Refused(_("重新计算的结果和当时保存的不一致。请把评定编号 %(pk)d 告诉系统管理员。") % {"pk": assessment.pk})
    return outcome


def latest_assessment(subject: str) -> Assessment | None:
    """The newest assessment of a subject ("process.case:12"), with its version."""
    return Assessment.objects.filter(subject=subject).select_related("version").defer("version__content").first()


@dataclass(frozen=True)
class ParameterRow:
    """One dated value for a page: which, what it is now, whether it is coming or over."""

    standard: Standard
    entry: Entry
    to_date: date | None
    state: str  # past | now | coming

    @property
    def is_demo(self) -> bool:
        return self.entry.demo

    @property
    def shown(self) -> str:
        """The value in words: ¥1,000.00, 40.0%, a list, a table."""
        value, standard = self.entry.value, self.standard
        titles: dict[str, str] = {}
        for fact in VOCABULARY.facts.values():
            for code, title in fact.codes.items():
                titles.setdefault(code, str(title))

        def one(item: Any) -> str:
            if standard.type == "bool":
                return _("是") if item else _("否")
            if standard.type == "code":
                return titles.get(str(item), str(item))
            if standard.unit == "permille" and item >= 1000:
                return _("%(n)s 倍") % {"n": ratio(item)}
            return figure(item, "date" if standard.type == "date" else standard.unit)

        if standard.shape == "list":
            return _("、").join(one(item) for item in value)
        if standard.shape == "table":
            return _("；").join(f"{titles.get(str(key), str(key))} {one(item)}" for key, item in value.items())
        return one(value)


def parameter_rows(pack: Pack, on: date) -> list[ParameterRow]:
    """Every value of every parameter, in the pack's order, the oldest first. Demo values say so."""
    rows = []
    for standard in pack.parameters.values():
        for entry in sorted(standard.entries, key=lambda entry: entry.from_date):
            end = standard.end_of(entry)
            state = "coming" if entry.from_date > on else "past" if end is not None and end <= on else "now"
            rows.append(ParameterRow(standard, entry, end, state))
    return rows


@dataclass(frozen=True)
class Published:
    """What the open page shows of one set of rules (S2-6): title, text, standards."""

    version: Version
    pack: Pack
    parameters: Sequence[ParameterRow]


def published(unit: Unit, on: date) -> list[Published]:
    """The rules in force for a unit on a day, for everybody to read. Source: S2-6."""
    found = []
    for version in all_in_force(unit, on):
        pack = pack_of(version)
        found.append(Published(version, pack, parameter_rows(pack, on)))
    return found
