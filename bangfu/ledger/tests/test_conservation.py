"""P3: money is conserved over random histories."""

from __future__ import annotations

import os

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from bangfu.ledger.tests.books_machine import Books

pytestmark = [pytest.mark.django_db, pytest.mark.both]


class InTransaction(Books):
    """Each history in its own transaction, taken back at the end: histories do not see each other."""

    def __init__(self) -> None:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()
        super().__init__()

    def teardown(self) -> None:
        try:
            super().teardown()
        finally:
            transaction.set_rollback(True)
            self._atomic.__exit__(None, None, None)


def run(histories: int, steps: int) -> None:
    run_state_machine_as_test(
        InTransaction,
        settings=settings(
            max_examples=histories, stateful_step_count=steps, deadline=None, print_blob=True, database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )  # fmt: skip


def test_a_few_histories_conserve_money():
    run(histories=6, steps=25)


@pytest.mark.proof
def test_many_histories_conserve_money():
    if os.environ.get("BANGFU_SOAK"):
        run(histories=10_000, steps=100)
    else:
        run(histories=200, steps=50)
