"""One organisation for all tests of the module (adopting rules takes a second); each test works in a savepoint of it."""

import dataclasses

import pytest
from django.db import transaction

from bangfu.access.models import Account
from bangfu.household.models import Household
from bangfu.process.tests.makers import AT, World, world


class Clock:
    """The time the pages see; `set` moves it."""

    def __init__(self):
        self.at = AT

    def __call__(self):
        return self.at

    def set(self, at):
        self.at = at


@pytest.fixture
def clock(settings) -> Clock:
    settings.CLOCK = Clock()
    return settings.CLOCK


@pytest.fixture(scope="module")
def founded(django_db_setup, django_db_blocker):
    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        yield world()
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


@pytest.fixture
def w(founded, db, clock) -> World:
    """The same people as fresh objects: nothing that another test changed sticks to them."""
    people = {
        field.name: Account.objects.get(pk=person.pk)
        for field in dataclasses.fields(founded)
        if isinstance(person := getattr(founded, field.name), Account)
    }
    household = Household.objects.select_related("staff__account", "unit").get(pk=founded.household.pk)
    return dataclasses.replace(
        founded, household=household, members=[Account.objects.get(pk=one.pk) for one in founded.members], **people
    )


@pytest.fixture
def phone(client, w):
    """The worker Zhang, signed in."""
    client.force_login(w.worker)
    return client
