"""P2 through the process: the Nth statement of reserve, batch, confirm or sign fails, and everything is as it was, for every N."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model

from bangfu.ledger import flow as ledger
from bangfu.ledger.tests.failing import leaves_the_prior_state
from bangfu.process.tests.makers import Play, key, world

pytestmark = [pytest.mark.both, pytest.mark.django_db]


def tables() -> list[type[Model]]:
    """Every table of the product."""
    return [model for model in apps.get_models() if model.__module__.startswith("bangfu.")]


def digest() -> str:
    """Of every stored value of every table, sealed ones as they stand."""
    whole = hashlib.sha256()
    with connection.cursor() as cursor:
        for model in tables():
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}" ORDER BY 1')
            for row in cursor.fetchall():
                whole.update(repr([bytes(cell) if isinstance(cell, memoryview) else cell for cell in row]).encode())
    return whole.hexdigest()


def reserving() -> Callable[[], object]:
    """The committee's announcement: resolution, award, reservation in one act."""
    from bangfu.governance import flow as governance
    from bangfu.process.flow.decide import latest_motion

    play = Play(world()).to("decide").agenda()
    at = play.now(minutes=30)
    for member in play.world.committee.memberships.all():
        governance.attend(play.meeting, member, by=play.world.head, at=at)
    governance.open_session(play.meeting, by=play.world.members[0], at=at)
    link = latest_motion(play.fresh())
    assert link is not None
    for member in play.world.members:
        governance.cast_vote(link.motion, choice="yes", amount_fen=300_000, opinion="同意", by=member, at=play.now(minutes=1))
    at = play.now(minutes=1)
    return lambda: governance.resolve(link.motion, by=play.world.members[0], at=at)


def batching() -> Callable[[], object]:
    play = Play(world()).to("pay")
    row, at, form = play.row, play.now(), key()
    return lambda: ledger.make_batch([row.pk], form_key=form, by=play.world.cashier, at=at)


def confirming() -> Callable[[], object]:
    play = Play(world()).to("pay")
    line, at = play.send(), play.now()
    return lambda: ledger.confirm_paid(line, bank_ref="ICBC1", by=play.world.accountant, at=at)


def signing() -> Callable[[], object]:
    """The last signature: the receipt is whole and the case goes on."""
    play = Play(world()).to("pay").pay()
    ledger.sign_receipt(play.row, "payer", how="clicked", by=play.world.cashier, at=play.now())
    row, at = play.row, play.now()
    return lambda: ledger.sign_receipt(row, "payee", how="clicked", by=play.world.worker, at=at)


@pytest.mark.parametrize("act", [reserving, batching, confirming, signing])
def test_a_failure_at_any_statement_leaves_the_prior_state(act):
    leaves_the_prior_state(act(), digest, name=act.__name__, most=200)
