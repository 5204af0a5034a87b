"""A small organisation with a policy administrator, five files, and a draft that raises two standards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest

from bangfu.access.models import Account, Unit
from bangfu.access.roles import Role
from bangfu.household.models import Household
from bangfu.household.rows import MemberRow
from bangfu.policy.flow import drafts
from bangfu.policy.models import Draft, Version
from bangfu.policy.queries import in_force
from bangfu.process.tests.makers import AT, World, another, household, world

FROM = date(2027, 1, 1)


@dataclass
class Place:
    world: World
    policy: Account
    second: Account
    version: Version
    files: list[Household]

    def raised(self, name: str = "long_term_fen", value: str = "1200") -> Draft:
        """A draft with a standard moved from 2027 on."""
        return drafts.adjust(self.version, name, value, valid_from=FROM, document_no="总工发〔2026〕9号", by=self.policy, at=AT)

    def add_files(self, count: int) -> None:
        """More households of the other unit, one person each."""
        for serial in range(70, 70 + count):
            self.files.append(single(self.world.other_unit, serial, 100_000))


def single(unit: Unit, serial: int, wage: int) -> Household:
    """One person with a wage in fen, no illness."""
    return household(
        unit,
        serial=serial,
        name=f"李{serial}",
        tie="former",
        main_cause="schooling",
        grade="long_term",
        head=MemberRow(name=f"李{serial}", incomes={"wage": wage}, health="none", is_employed=True),
        members=(),
        expenses={},
    )


@pytest.fixture
def place(db: Any, settings: Any, tmp_path: Any) -> Place:
    settings.VAR = tmp_path
    settings.CLOCK = lambda: AT
    return built()


def built() -> Place:
    """The place in the database at hand."""
    who = world()
    files = [
        who.household,
        *(single(who.other_unit, serial, wage) for serial, wage in ((50, 100_000), (51, 420_000), (52, 900_000))),
    ]
    version = in_force(who.organisation, AT.date())
    assert version is not None
    return Place(who, another(who, "policy", Role.POLICY_ADMIN), another(who, "policy2", Role.POLICY_ADMIN), version, files)
