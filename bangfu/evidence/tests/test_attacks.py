"""A file that was altered or lost on the disk: its reader gets a sentence, and the record says so."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from bangfu.access.models import Post
from bangfu.access.roles import Role
from bangfu.access.tests.makers import account as make_account
from bangfu.access.tests.makers import organisation
from bangfu.audit.models import Event
from bangfu.evidence import flow
from bangfu.lib.errors import Refused

AT = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


@pytest.mark.django_db
@pytest.mark.parametrize("is_lost", [True, False])
def test_a_damaged_file_is_refused_in_words(client: Any, settings: Any, tmp_path: Any, is_lost: bool) -> None:
    settings.FILES = tmp_path
    unit = organisation()
    account = make_account("lijing", Role.UNIT_CLERK, unit, name="李静")
    file = flow.store(b"%PDF-1.4 paper", name="p.pdf", by=account, at=AT, unit=unit)
    path = tmp_path / file.address[:2] / file.address
    if is_lost:
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:-3] + b"abc")
    with pytest.raises(Refused):
        flow.content_of(file)
    client.force_login(account)
    assert client.get(f"/files/{file.pk}/").status_code == 302
    assert Event.objects.filter(kind="access.action_refused").count() == 1


@pytest.mark.django_db
def test_who_has_no_post_any_more_opens_nothing_that_she_uploaded(client: Any, settings: Any, tmp_path: Any) -> None:
    settings.FILES = tmp_path
    unit = organisation()
    account = make_account("lijing", Role.UNIT_CLERK, unit)
    file = flow.store(b"%PDF-1.4 paper", name="p.pdf", by=account, at=AT, unit=unit)
    client.force_login(account)
    assert client.get(f"/files/{file.pk}/").status_code == 200
    Post.objects.filter(account=account).update(to_date="2020-01-02")
    assert client.get(f"/files/{file.pk}/").status_code == 404
