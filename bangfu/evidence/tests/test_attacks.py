"""A file that was altered or lost on the disk: its reader gets a sentence, and the record says so."""

from __future__ import annotations

import io
import zipfile
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


def png() -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (4, 4), "red").save(out, "PNG")
    return out.getvalue()


def zipped(names: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in names.items():
            archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("../../etc/passwd", "passwd.png"),
        ("C:\\temp\\诊断.png", "诊断.png"),
        ("合同\u202egnp.exe", "合同gnp.exe.png"),
        ('a"\r\nX-Evil: y.png', 'a"X-Evil: y.png'),
        ("…", "….png"),
        ("", "材料.png"),
        (".png", "png.png"),
        ("照片.PNG", "照片.PNG"),
        ("长" * 300 + ".png", "长" * 116 + ".png"),
    ],
)
def test_a_file_is_named_for_what_it_is(client: Any, sent: str, kept: str) -> None:
    unit = organisation()
    account = make_account("lijing", Role.UNIT_CLERK, unit)
    file = flow.store(png(), name=sent, by=account, at=AT, unit=unit)
    assert file.name == kept
    client.force_login(account)
    answer = client.get(f"/files/{file.pk}/")
    assert answer["Content-Type"] == "image/png" and "X-Evil" not in answer and "sandbox" in answer["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"<html><script>alert(1)</script>%PDF-1.4", "网页文件"),
        (b"#!/bin/sh\n%PDF-1.4", "程序文件"),
        (b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>', "网页文件"),
        (zipped({"xl/workbook.xml": b"0" * 50_000_000}), "异常庞大"),
        (zipped({"word/document.xml": b"x", "word/VBAPROJECT.BIN": b"x"}), "宏"),
        (zipped({"a.html": b"<script>"}), "压缩包"),
    ],
)
def test_disguises_are_refused(content: bytes, says: str) -> None:
    with pytest.raises(Refused, match=says):
        flow.store(content, name="a.png", by=None, at=AT, unit=organisation())


@pytest.mark.django_db
def test_what_hangs_behind_a_picture_is_not_kept() -> None:
    file = flow.store(png() + b"<script>alert(1)</script>", name="a.png", by=None, at=AT, unit=organisation())
    assert b"<script>" not in flow.content_of(file)
