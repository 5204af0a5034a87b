"""Build a Pack from its files and check that every name, unit, clause and reference in it holds.

All faults are collected; `load_pack` raises BadPack with the whole list, so that an author mends them in one go.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from types import MappingProxyType

from django.utils.translation import gettext as _

from bangfu.policy.loading import benefits, conduct, money, plans, standards
from bangfu.policy.loading.desk import Desk
from bangfu.policy.pack import Pack
from bangfu.policy.problems import BadPack
from bangfu.policy.reading import read_files, sha256_of
from bangfu.policy.vocabulary import BUILT_IN, CALENDAR

KEPT = 16  # zips of at most some 5 MB, usually 50 kB


def load_pack(source: Path | bytes) -> Pack:
    """Read and check a pack from its folder or its zip. Raises BadPack with every fault: file, line, clause, sentence.

    A pack is never changed, so that the same bytes are read once (a draft's page asks for them several times).
    """
    return _of_bytes(source) if isinstance(source, bytes) else _read(source)


def _read(source: Path | bytes) -> Pack:
    found = read_files(source)
    pack = _build(Desk(found))
    if found.problems or pack is None:
        raise BadPack(found.problems)
    return pack


_of_bytes = lru_cache(maxsize=KEPT)(_read)


def _build(desk: Desk) -> Pack | None:
    head = desk.sheets["pack"]
    if head is None:
        return None
    desk.programme_ids = frozenset(row["id"] for row in desk.data("programmes", "programmes"))
    for row in desk.data("programmes", "programmes"):
        if "group" in row:
            desk.groups[row["group"]] = (*desk.groups.get(row["group"], ()), row["id"])
    plans.read(desk)
    sets = desk.data("classes", "sets")
    sheet = desk.sheets["classes"]
    primary = (sheet.data.get("primary", "") if sheet else "") or (sets[0]["id"] if sets else "")
    if sheet and primary not in {row["id"] for row in sets}:
        desk.blame(sheet, ("primary",), _("没有这套档次“%(id)s”。") % {"id": primary})
    desk.class_ids = frozenset(item["id"] for row in sets if row["id"] == primary for item in row["classes"])
    standards.own_facts(desk)
    standards.parameters(desk)
    standards.derived(desk)
    class_sets = benefits.class_sets(desk)
    desk.built_in = frozenset(BUILT_IN if class_sets else CALENDAR)
    programmes = benefits.programmes(desk)
    procedures = conduct.procedures(desk)
    cadences = conduct.cadences(desk)
    matters = conduct.matters(desk)
    evidence = conduct.evidence(desk)
    funds = money.funds(desk)
    covers = plans.plans(desk)
    examples = conduct.examples(desk)
    if desk.sheets["programmes"] is not None:
        conduct.references(desk, programmes, procedures, funds)
    data = head.data
    valid_from = desk.day(head, ("valid_from",), data["valid_from"])
    valid_to = desk.day(head, ("valid_to",), data["valid_to"]) if data.get("valid_to") else None
    if valid_from and valid_to and valid_to <= valid_from:
        desk.blame(head, ("valid_to",), _("失效日期要晚于生效日期。"))
    if valid_from is None:
        return None
    return Pack(
        id=data["id"],
        title=data["title"],
        issuer=data["issuer"],
        document_no=data.get("document_no", ""),
        valid_from=valid_from,
        valid_to=valid_to,
        source=data.get("source", ""),
        is_sample=bool(data.get("sample")),
        vocabulary=desk.vocabulary,
        parameters=MappingProxyType(desk.parameters),
        derived=MappingProxyType(desk.derived),
        class_sets=class_sets,
        programmes=programmes,
        procedures=procedures,
        evidence=evidence,
        funds=funds,
        regulation=desk.regulation,
        examples=examples,
        kinds=MappingProxyType(desk.kinds),
        sha256=sha256_of(desk.found.files),
        named_sets=frozenset(desk.named_sets),
        cadences=cadences,
        matters=matters,
        plans=covers,
        extends=desk.stack.parent,
        origins=MappingProxyType(desk.stack.origins),
        removed=MappingProxyType(desk.stack.removed),
        primary_set=primary,
    )
