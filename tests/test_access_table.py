"""P9: every URL is declared with the roles that may; the sweep walks the URLconf with every role and anonymous, GET and POST."""

from datetime import date
from http.cookies import SimpleCookie

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.converters import IntConverter, SlugConverter, StringConverter, UUIDConverter

from bangfu.access.middleware import page_near
from bangfu.access.models import Account, Post, Unit
from bangfu.access.roles import ANYONE, NOBODY, SIGNED_IN, Role
from bangfu.config.access_table import TABLE

pytestmark = pytest.mark.django_db


def named_urls() -> dict[str, dict]:
    """URL name -> sample arguments, for every address of the product."""
    found: dict[str, dict] = {}

    def walk(patterns, inherited):
        for pattern in patterns:
            arguments = {**inherited, **{name: sample(converter) for name, converter in pattern.pattern.converters.items()}}
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, arguments)
            elif isinstance(pattern, URLPattern):
                assert pattern.name, f"{pattern.pattern} has no name"
                found[pattern.name] = arguments

    walk(get_resolver().url_patterns, {})
    return found


def sample(converter) -> object:
    if isinstance(converter, IntConverter):
        return 999999
    if isinstance(converter, UUIDConverter):
        return "00000000-0000-0000-0000-000000000000"
    if isinstance(converter, (SlugConverter, StringConverter)):
        return "KY9999-9999"
    return "x"


URLS = named_urls()


def test_table_and_urlconf_name_the_same_addresses():
    assert set(URLS) == set(TABLE)


@pytest.fixture(scope="module")
def cast(django_db_setup, django_db_blocker):
    """One account per role in one organisation, signed in once for the module: role -> its cookies; None = a stranger."""
    from django.db import transaction

    with django_db_blocker.unblock():
        atomic = transaction.atomic()
        atomic.__enter__()
        root = Unit.objects.create(code="sweep", name="巡检公司", kind="organisation", path="/")
        root.path = f"/{root.pk}/"
        root.save()
        people = {None: SimpleCookie()}
        for role in Role:
            account = Account.objects.create(username=f"sweep-{role.lower()}", name="甲")
            Post.objects.create(account=account, unit=root, role=role, from_date=date(2020, 1, 1))
            client = Client()
            client.force_login(account)
            client.get(reverse("me"))  # the session's own first write is behind us
            people[role] = client.cookies
        yield people
        transaction.set_rollback(True)
        atomic.__exit__(None, None, None)


@pytest.fixture(scope="module")
def door():
    """One client for all: a new one would build the chain of middleware again for each of 5,000 requests."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("name", sorted(URLS))
def test_each_role_reaches_exactly_what_the_table_grants(name, cast, door):
    rule, url = TABLE[name], reverse(name, kwargs=URLS[name])
    for method in ("GET", "POST"):
        who = rule.get if method == "GET" else rule.post
        for role, cookies in cast.items():
            door.cookies = SimpleCookie({name: morsel.value for name, morsel in cookies.items()})
            response = door.generic(method, url)
            granted = who is ANYONE or (role is not None and (who is SIGNED_IN or role in who))
            cell = f"{method} {url} as {role}: {response.status_code}"
            if who == NOBODY and method == "GET":  # the page of the object, which asks by itself who may see it
                assert response.status_code == 302 and response["Location"] == page_near(url), cell
            elif who == NOBODY:
                assert response.status_code == 405, cell
            elif granted:
                assert response.status_code not in (403, 405), cell
                assert response.status_code < 500, cell
            elif role is None:
                assert response.status_code == 302 and "/sign-in/" in response["Location"], cell
            else:
                assert response.status_code == 403, cell
