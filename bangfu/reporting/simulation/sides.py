"""The rules of a side as a compiled pack, and the households that stand behind the keys of a snapshot."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.household.models import Household
from bangfu.lib.errors import Refused
from bangfu.policy.columns import Snapshot
from bangfu.policy.loading import load_pack
from bangfu.policy.models import Draft
from bangfu.policy.pack import Pack
from bangfu.policy.queries import pack_of
from bangfu.process.facts import codes_above
from bangfu.reporting.simulation.models import Scenario, Side

if TYPE_CHECKING:
    import pyarrow as pa


def pack_of_side(side: Side) -> Pack:
    """The very rules that were compared: the version's, or the bytes of the draft as they were. Raises Refused."""
    if side.version is not None:
        return pack_of(side.version)
    return _pack(bytes(side.content or b""), side.sha256)


def pack_of_draft(draft: Draft) -> Pack:
    return _pack(bytes(draft.content), draft.sha256)


@lru_cache(maxsize=8)
def _pack(content: bytes, sha256: str) -> Pack:
    pack = load_pack(content)
    if pack.sha256 != sha256:
        raise Refused(_("草案的内容和当时的指纹不符，可能被改动过。请联系系统管理员。"))
    return pack


def packs_of(scenario: Scenario) -> dict[str, Pack]:
    """By letter, A first."""
    return {side.letter: pack_of_side(side) for side in scenario.sides.select_related("version").defer("version__content")}


def path_of(unit: Unit) -> str:
    """The codes from the organisation down to the unit, as the rules' fact `unit_path`; empty for the whole organisation."""
    return "" if unit.parent_id is None else "/".join(codes_above({unit.pk})[unit.pk])


def name_of(snapshot: Snapshot) -> str:
    """How a scenario remembers its snapshot: unit/day."""
    return str(snapshot.folder.relative_to(Path(settings.VAR) / "snapshots"))


def snapshot_of(scenario: Scenario) -> Snapshot | None:
    """The snapshot that a scenario was computed from; None once it was removed, or is not the same any more."""
    folder = Path(settings.VAR) / "snapshots" / scenario.snapshot
    if not scenario.snapshot or not (folder / "manifest.json").exists():
        return None
    found = Snapshot.open(folder)
    return found if found.sha256 == scenario.snapshot_sha256 else None


def who(unit: Unit) -> pa.Table:
    """One row a file: key, sex, identity, as the files are now (neither has a history)."""
    import pyarrow as pa

    rows = Household.objects.filter(organisation=unit.organisation_id, unit__path__startswith=unit.organisation.path)
    keys, sexes, kinds = [], [], []
    for key, sex, kind in rows.values_list("pk", "sex", "staff__identity_kind").iterator(chunk_size=10_000):
        keys.append(key)
        sexes.append(sex)
        kinds.append(kind or "")
    return pa.table(
        {"key": pa.array(keys, pa.int64()), "sex": pa.array(sexes, pa.string()), "identity": pa.array(kinds, pa.string())}
    )


def units_by_path(unit: Unit) -> dict[str, int]:
    """The rules' fact `unit_path` of each unit below -> the unit that it is shown under: the child of `unit`, or itself."""
    rows = {row.pk: row for row in Unit.objects.filter(path__startswith=unit.path)}
    return {"/".join(codes): _group(rows[pk], unit) for pk, codes in codes_above(rows.keys()).items()}


def _group(row: Unit, top: Unit) -> int:
    below = [int(part) for part in row.path.removeprefix(top.path).split("/") if part]
    return below[0] if below else top.pk
