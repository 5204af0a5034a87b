"""Where an upper module shows its data on a lower module's page: the lower page asks for a slot, wiring fills it.

A panel's placeholder is a link to its own full page; HTMX loads the same URL in place.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Panel:
    """One panel of a slot. `url_name` is reversed by the page with the object's key; `title` may be lazy."""

    url_name: str
    roles: frozenset[str]
    title: Any


_slots: dict[str, list[Panel]] = {}


def add(slot: str, url_name: str, *, roles: Collection[str], title: Any) -> None:
    """Put a panel into a slot ("household.file", "case.page"); called in wiring, the order is the order on the page."""
    panels = _slots.setdefault(slot, [])
    if all(panel.url_name != url_name for panel in panels):
        panels.append(Panel(url_name, frozenset(roles), title))


def of(slot: str, roles: Collection[str] | None = None) -> list[Panel]:
    """The panels of a slot; with `roles`, those that somebody holding one of these roles may see."""
    return [panel for panel in _slots.get(slot, []) if roles is None or panel.roles & frozenset(roles)]
