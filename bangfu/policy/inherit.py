"""One pack built on another: the parent's items under the child's, each of them own, inherited or replaced.

Merging is by id, item by item; `without` leaves items of the parent out. The clauses of inherited items carry the parent's id
("national-2021:五（一）"), and the parent's text follows the child's, so that every clause is one click away.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy.reading import PARTS, Sheet, Source, read_sheet, read_text
from bangfu.policy.regulation import ANCHOR

OWN, INHERITED, REPLACED = "own", "inherited", "replaced"
#: part -> its collections, and the name they have in `without` and in `Pack.origins`
COLLECTIONS: Mapping[str, Mapping[str, str]] = {
    "parameters": {"": "parameters"},
    "derived": {"facts": "facts", "figures": "figures"},
    "classes": {"sets": "sets"},
    "programmes": {"programmes": "programmes"},
    "procedure": {"procedures": "procedures", "cadences": "cadences", "matters": "matters"},
    "evidence": {"items": "evidence"},
    "money": {"funds": "funds"},
}
#: Keys of an item that list programmes: those that the child leaves out are taken out of them too.
_LISTS = ("uses", "programmes", "over")


@dataclass(frozen=True)
class Origin:
    """Where an item comes from: the pack that wrote it, and whether this pack wrote, took over or replaced it."""

    state: str
    pack: str


@dataclass(frozen=True)
class Merged(Sheet):
    """A sheet put together from several; each item knows the sheet and the place it was written at."""

    places: Mapping[tuple[Any, ...], tuple[Sheet, tuple[Any, ...]]] = field(default_factory=dict)

    def place(self, path: tuple[Any, ...] = ()) -> tuple[str, int]:
        for length in (1, 2):
            if path[:length] in self.places:
                sheet, start = self.places[path[:length]]
                return sheet.place((*start, *path[length:]))
        return super().place(path)


@dataclass
class Stack:
    """The sheets of a pack with what it inherits."""

    id: str
    sheets: dict[str, Sheet | None]
    plans: list[Sheet]
    texts: list[tuple[str, str, str]]  # (pack id, title, text), the pack itself first
    origins: dict[tuple[str, str], Origin] = field(default_factory=dict)
    removed: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parent: str = ""

    @property
    def text(self) -> str:
        """The regulation, then those it is built on, with their anchors told apart."""
        parts = []
        for place, (pack_id, title, text) in enumerate(self.texts):
            if place and text:
                parts.append(f"\n\n# 上位办法：{title}\n")
                text = ANCHOR.sub(lambda match: f" {{#{_clause(match[1], pack_id, self.ids)}}}", text)  # noqa: B023
            parts.append(text)
        return "".join(parts)

    @property
    def ids(self) -> frozenset[str]:
        return frozenset(pack_id for pack_id, _title, _text in self.texts)

    @property
    def silent(self) -> frozenset[str]:
        """Packs that came without a text: their clauses cannot be checked."""
        return frozenset(pack_id for pack_id, _title, text in self.texts if not text.strip())


def stack(found: Source, prefix: str = "", seen: tuple[str, ...] = ()) -> Stack:
    """The sheets of the pack at `prefix`, with those of the packs it extends below them."""
    sheets: dict[str, Sheet | None] = {part: read_sheet(found, f"{prefix}{part}.yaml", part) for part in PARTS}
    names = sorted(name for name in found.files if name.startswith(f"{prefix}plans/"))
    plans = [sheet for name in names if (sheet := read_sheet(found, name, "plan")) is not None]
    head = sheets["pack"]
    data = head.data if head else {}
    text = read_text(found, f"{prefix}regulation.md")
    own = Stack(str(data.get("id", "")), sheets, plans, [(str(data.get("id", "")), str(data.get("title", "")), text)])
    for key, item_id, _row in _items(own):
        own.origins[key, item_id] = Origin(OWN, own.id)
    parent_id = data.get("extends")
    if head is None or parent_id is None:
        if head is not None and "without" in data:
            found.blame(head.file, head.line(("without",)), _("没有写 extends（上位办法），就不能写 without。"))
        return own
    if parent_id in (*seen, own.id):
        found.blame(
            head.file,
            head.line(("extends",)),
            _("上位办法绕成了圈：%(ids)s。请改 extends。") % {"ids": " → ".join((*seen, own.id, parent_id))},
        )
        return own
    if f"base/{parent_id}/pack.yaml" not in found.files or f"base/{parent_id}/pack.yaml" in found.lost:
        return own  # reading.py has said so
    parent = stack(found, f"base/{parent_id}/", (*seen, own.id))
    return _merged(found, head, own, parent)


def _merged(found: Source, head: Sheet, own: Stack, parent: Stack) -> Stack:
    whole = Stack(own.id, {"pack": head}, [], [*own.texts, *parent.texts], parent=parent.id)
    without = {key: set(ids) for key, ids in (head.data.get("without") or {}).items()}
    for key, ids in without.items():
        for place, item_id in enumerate(head.data["without"][key]):
            if (key, item_id) not in parent.origins:
                found.blame(head.file, head.line(("without", key, place)), _("上位办法里没有“%(id)s”。") % {"id": item_id})
        whole.removed[key] = tuple(sorted(ids))
    gone = frozenset(without.get("programmes", ()))
    for part, collections in COLLECTIONS.items():
        whole.sheets[part] = _merged_sheet(part, collections, own, parent, without, whole, gone)
    mine = {sheet.data["id"]: sheet for sheet in own.plans}
    for sheet in parent.plans:
        plan_id = sheet.data["id"]
        if plan_id in mine:
            whole.origins["plans", plan_id] = Origin(REPLACED, own.id)
            whole.plans.append(mine.pop(plan_id))
        elif plan_id not in without.get("plans", ()):
            whole.origins["plans", plan_id] = Origin(INHERITED, parent.origins["plans", plan_id].pack)
            data = _cited(sheet.data, parent.id, whole.ids, gone)
            whole.plans.append(Merged(sheet.file, data, sheet.marked, {(key,): (sheet, (key,)) for key in data}))
    for plan_id, sheet in mine.items():
        whole.origins["plans", plan_id] = Origin(OWN, own.id)
        whole.plans.append(sheet)
    return whole


def _merged_sheet(
    part: str,
    collections: Mapping[str, str],
    own: Stack,
    parent: Stack,
    without: Mapping[str, set[str]],
    whole: Stack,
    gone: frozenset[str],
) -> Sheet | None:
    ours, theirs = own.sheets[part], parent.sheets[part]
    if theirs is None:
        whole.origins |= {key: origin for key, origin in own.origins.items() if key[0] in collections.values()}
        return ours
    base = ours or theirs
    data: dict[str, Any] = {}
    places: dict[tuple[Any, ...], tuple[Sheet, tuple[Any, ...]]] = {}
    for sheet in (theirs, ours):
        if sheet is not None and isinstance(sheet.data, dict) and part != "parameters":
            data |= {key: value for key, value in sheet.data.items() if key not in collections}
    for key, name in collections.items():
        mine = {item_id: (path, row) for item_id, path, row in _rows(ours, key)}
        merged: list[tuple[str, Sheet, tuple[Any, ...], Any]] = []
        for item_id, path, row in _rows(theirs, key):
            if item_id in mine:
                assert ours is not None
                merged.append((item_id, ours, *mine.pop(item_id)))
                whole.origins[name, item_id] = Origin(REPLACED, own.id)
            elif item_id not in without.get(name, ()):
                merged.append((item_id, theirs, path, _cited(row, parent.id, whole.ids, gone)))
                whole.origins[name, item_id] = Origin(INHERITED, parent.origins[name, item_id].pack)
        for item_id, (path, row) in mine.items():
            assert ours is not None
            merged.append((item_id, ours, path, row))
            whole.origins[name, item_id] = Origin(OWN, own.id)
        if not merged:
            continue
        if part in ("parameters", "derived"):
            target = data if not key else data.setdefault(key, {})
            for item_id, sheet, path, row in merged:
                target[item_id] = row
                places[(item_id,) if not key else (key, item_id)] = (sheet, path)
        else:
            data[key] = [row for _id, _sheet, _path, row in merged]
            places |= {(key, place): (sheet, path) for place, (_id, sheet, path, _row) in enumerate(merged)}
    return Merged(base.file, data, base.marked, places) if data else None


def _rows(sheet: Sheet | None, key: str) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """The items of one collection: id, where it stands, what it says."""
    if sheet is None or not isinstance(sheet.data, dict):
        return
    rows = sheet.data if not key else sheet.data.get(key) or {}
    if isinstance(rows, dict):
        yield from ((str(item_id), (item_id,) if not key else (key, item_id), row) for item_id, row in rows.items())
    else:
        yield from ((row["id"], (key, place), row) for place, row in enumerate(rows))


def _items(pack: Stack) -> Iterator[tuple[str, str, Any]]:
    for part, collections in COLLECTIONS.items():
        for key, name in collections.items():
            yield from ((name, item_id, row) for item_id, _path, row in _rows(pack.sheets[part], key))
    yield from (("plans", sheet.data["id"], sheet.data) for sheet in pack.plans)


def _clause(clause: str, pack_id: str, ids: frozenset[str]) -> str:
    return clause if clause.partition(":")[0] in ids else f"{pack_id}:{clause}"


def _cited(row: Any, pack_id: str, ids: frozenset[str], gone: frozenset[str]) -> Any:
    """An inherited item: its clauses carry the parent's id; programmes that are left out are not named in it any more."""
    if isinstance(row, dict):
        return {
            key: _clause(value, pack_id, ids)
            if key == "clause" and isinstance(value, str) and value
            else [item for item in value if item not in gone]
            if key in _LISTS and isinstance(value, list) and all(isinstance(item, str) for item in value)
            else _cited(value, pack_id, ids, gone)
            for key, value in row.items()
        }
    return [_cited(item, pack_id, ids, gone) for item in row] if isinstance(row, list) else row
