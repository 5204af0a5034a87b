"""A right answer to every page, and how a test fills the wizard in."""

from __future__ import annotations

import base64
import io
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client

PAGES: dict[str, dict[str, Any]] = {
    "needs": {"needs": ["illness", "schooling"]},
    "me": {"right": "yes", "story": "", "wish": "想换一个离医院近的岗位"},
    "family": {},
    "costs": {"illness": "42,000", "schooling": "", "accident": ""},
    "money": {"programme": "illness", "asked_fen": "3000", "how": "wage_card"},
    "consents": {"health": "yes", "bank": "yes", "notice_name": "no"},
    "papers": {},
}


def png(size: tuple[int, int] = (60, 30)) -> bytes:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", size, "white").save(out, "PNG")
    return out.getvalue()


def signature() -> str:
    return "data:image/png;base64," + base64.b64encode(png()).decode()


def photo(name: str = "诊断书.png", size: tuple[int, int] = (80, 40)) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, png(size), "image/png")


def address(step: str) -> str:
    return f"/my/application/{step}/"


def answer(client: Client, step: str, **changes: Any) -> HttpResponse:
    return client.post(address(step), PAGES.get(step, {}) | changes)


def fill(client: Client, until: str = "check", **changes: dict[str, Any]) -> None:
    """Answer every page before `until`, each rightly but for `changes` {page: fields}."""
    for step in PAGES:
        if step == until:
            return
        response = answer(client, step, **changes.get(step, {}))
        assert response.status_code == 302, (step, response.content.decode()[:3000])


def submit(client: Client, **fields: Any) -> HttpResponse:
    return client.post(address("check"), {"signature": signature()} | fields)


def text(response: HttpResponse) -> str:
    return response.content.decode()
