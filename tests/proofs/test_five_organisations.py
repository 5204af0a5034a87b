"""Five organisations in one database: nobody sees a row of another, in any table that a page shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.db.models import Model

from bangfu.access.models import Unit
from tests.proofs.towns import Town


def shown_models() -> list[type[Model]]:
    """Every model whose manager answers `visible_to`: enrolled by having it."""
    ours = [model for model in apps.get_models() if model.__module__.startswith("bangfu.")]
    return [model for model in ours if hasattr(model._default_manager, "visible_to")]


def unit_of(row: Any, depth: int = 4) -> Unit | None:
    """The unit that a row belongs to: its own, or that of what it hangs on. Accounts lead to no unit."""
    if isinstance(row, Unit):
        return row
    for name in ("organisation", "unit"):
        if isinstance(getattr(row, name, None), Unit):
            return getattr(row, name)
    if depth:
        for parent in parents(row):
            found = unit_of(parent, depth - 1)
            if found is not None:
                return found
    return None


def parents(row: Any) -> Iterator[Any]:
    for field in row._meta.concrete_fields:
        if field.many_to_one or field.one_to_one:
            parent = getattr(row, field.name)
            if parent is not None and parent._meta.label != "access.Account":
                yield parent


def home_of(account: Any) -> set[int]:
    return {int(path.strip("/").split("/")[0]) for path in account.posts.values_list("unit__path", flat=True)}


def owner_of(row: Any) -> set[int]:
    """Primary keys of the organisations that the row may belong to."""
    if row._meta.label == "access.Account":
        return home_of(row)
    if row._meta.label == "audit.Event":
        return {int(row.unit_path.strip("/").split("/")[0])} if row.unit_path else set()
    if row._meta.label == "audit.Words":
        return owner_of(row.event)
    unit = unit_of(row)
    if unit is not None:
        return {unit.organisation_id}
    accounts = [
        getattr(row, field.name)
        for field in row._meta.concrete_fields
        if field.is_relation and field.related_model._meta.label == "access.Account"
    ]
    return set().union(*(home_of(account) for account in accounts if account is not None))


def everybody(town: Town) -> list[Any]:
    return [*town.by_role().values(), *town.neighbours.values(), town.people["worker2"]]


def test_every_model_of_a_page_is_enrolled():
    names = {model._meta.label for model in shown_models()}
    assert len(names) >= 40
    assert {"process.Case", "household.Household", "ledger.Disbursement", "evidence.File", "disclosure.Objection"} <= names


def test_nobody_sees_a_row_of_another_organisation(towns):
    owners: dict[tuple[str, Any], set[int]] = {}
    seen = 0
    for town in towns:
        for account in everybody(town):
            for model in shown_models():
                for row in model._default_manager.visible_to(account):
                    key = (model._meta.label, row.pk)
                    if key not in owners:
                        owners[key] = owner_of(row)
                    assert owners[key] == {town.root.pk}, f"{account.username} sees {key} of organisation {owners[key]}"
                    seen += 1
    assert seen > 10_000
    assert len({label for label, _pk in owners}) >= 35, "too few tables hold rows: the towns are not complete"
