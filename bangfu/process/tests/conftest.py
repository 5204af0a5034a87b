"""Fixtures of a case's tests: the world, a play that stands at a stage, and the door of the browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from bangfu.access.models import Account
from bangfu.audit.models import Event
from bangfu.process.tests.makers import Play, World, world


@pytest.fixture
def place(db: Any) -> World:
    return world()


@pytest.fixture
def at_stage(place: World, settings: Any) -> Callable[..., Play]:
    """A case driven to a stage by the right people; the pages' clock is the play's."""

    def made(kind: str, **facts: Any) -> Play:
        play = Play(place).to(kind, **facts)
        settings.CLOCK = lambda: play.at
        return play

    return made


@pytest.fixture
def send(client: Any) -> Callable[..., Any]:
    """POST one act as somebody, with the version that the page carries (or another)."""

    def sent(play: Play, who: Account, noun: str, *, version: int | None = None, **data: Any) -> Any:
        client.logout()  # the play's clock runs far: an old session would have timed out
        client.force_login(who)
        play.fresh()
        body = {"version": play.case.version if version is None else version, **data}
        return client.post(f"/cases/{play.case.number}/{noun}/", body)

    return sent


def kinds(play: Play) -> list[str]:
    """The kinds of events on the case, in order."""
    return list(Event.objects.filter(subject=f"process.case:{play.case.pk}").order_by("seq").values_list("kind", flat=True))


def unchanged(play: Play) -> bool:
    """Nothing of the case moved since the play last looked."""
    before = (play.case.version, play.case.stage_code, play.case.state)
    count = play.case.steps.count()
    play.fresh()
    return before == (play.case.version, play.case.stage_code, play.case.state) and count == play.case.steps.count()
