"""The statements of one import, and the keys that its new rows will have."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models

from bangfu.access.models import Unit
from bangfu.household import search
from bangfu.household.imports.outcome import STAFF_FIELDS
from bangfu.household.models import Discrepancy, Household, Income, Member, Staff
from bangfu.household.rows import MemberRow
from bangfu.lib.bulk import Inserts, Updates, reserve

PART = 1_000
#: What a row may change; each update writes all of them, as one statement serves all rows.
FILE_FIELDS = (
    "head_name", "phone", "bank_name", "card", "stated_size", "stated_annual_fen", "main_cause", "grade", "grade_on",
    "national_class", "incomes_on", "size", "per_head_fen",
)  # fmt: skip
MEMBER_FIELDS = (
    "name", "relation", "identity", "sex", "birth_date", "health", "diagnosis", "is_employed", "can_work", "is_student", "school_stage",
    "tuition_fen", "has_medical_insurance",
)  # fmt: skip


class Keys:
    """Reserved primary keys of the tables, a thousand at a time."""

    def __init__(self, step: int) -> None:
        self.step = max(1, min(PART, step))
        self._left: dict[type[models.Model], Iterator[int]] = {}

    def of(self, model: type[models.Model]) -> int:
        key = next(self._left.get(model, iter(())), None)
        if key is None:
            self._left[model] = reserve(model, self.step)
            key = next(self._left[model])
        return key


@dataclass
class Work:
    """What happens to one file that stands: changed values by key of the file, members who join or change."""

    household: Household
    values: dict[str, Any] = field(default_factory=dict)
    joining: list[MemberRow] = field(default_factory=list)
    members: list[tuple[Member, dict[str, Any]]] = field(default_factory=list)
    joined: list[Member] = field(default_factory=list)
    leaving: list[Member] = field(default_factory=list)  # joined by a batch that is taken back


@dataclass
class Ready:
    """The statements of one import, complete but for the numbers of new files."""

    organisation: Unit
    inserts: Inserts = field(default_factory=Inserts)
    staff: Updates = field(default_factory=lambda: Updates(Staff, *STAFF_FIELDS))
    files: Updates = field(default_factory=lambda: Updates(Household, *FILE_FIELDS))
    members: Updates = field(default_factory=lambda: Updates(Member, *MEMBER_FIELDS, versioned=False))
    incomes: Updates = field(default_factory=lambda: Updates(Income, "monthly_fen", versioned=False))
    held: Updates = field(default_factory=lambda: Updates(Discrepancy, "household", "settled_at", versioned=False))
    old_words: dict[type[models.Model], list[tuple[Any, ...]]] = field(default_factory=lambda: defaultdict(list))
    new_files: search.WordRows = field(default_factory=search.WordRows)
    new_staff: search.WordRows = field(default_factory=search.WordRows)
    filed: list[tuple[int, int]] = field(default_factory=list)  # of each new file: its year, and its row of the table
    first: int = 0  # the key of the first new file
    rows: int = 0
    _digest: Any = field(default_factory=hashlib.sha256)

    @property
    def sha256(self) -> str:
        """Over the entries of all rows, in their order: the batch's event names it."""
        return self._digest.hexdigest()

    def note(self, entries: str) -> None:
        self.rows += 1
        self._digest.update(entries.encode() + b"\n")
