"""Everything that stands sealed in the database is a canary: where it is read in plain, it must be due there."""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model

from bangfu.lib.crypto import EncryptedTextField
from tests.proofs.test_five_organisations import owner_of

#: A sealed value that is no person's data: the key under which a file's values stand in the record.
KEYS = {"record_key"}
SHORTEST = 5  # shorter values ("1", "肢体") occur by chance
_SPACED = re.compile(r"(?<=\d)[\s\u00a0-]+(?=[\dX])")
_DIGITS = re.compile(r"\d{11,}X?")


@dataclass(frozen=True)
class Canary:
    """One sealed value: "household.Member.identity", the organisation, the row it stands in."""

    field: str
    organisation: int
    pk: int
    value: str

    @property
    def is_number(self) -> bool:
        return re.fullmatch(r"\d{11,}X?", self.value) is not None

    def __str__(self) -> str:
        return f"{self.field} {self.pk} ({self.value[:6]}…)"


def sealed_fields() -> Iterator[tuple[type[Model], EncryptedTextField]]:
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, EncryptedTextField) and field.name not in KEYS:
                yield model, field


def canaries() -> list[Canary]:
    """Every sealed value of the database that is long enough to be recognised."""
    found = []
    for model, field in sealed_fields():
        for row in model._default_manager.all():
            value = getattr(row, field.name)
            text = value if isinstance(value, str) else ""
            owners = owner_of(row) if len(text) >= SHORTEST else set()
            found += [Canary(f"{model._meta.label}.{field.name}", owner, row.pk, text) for owner in owners]
    return found


class Finder:
    """Finds canaries in any text: digits also when grouped by blanks, words also when escaped for HTML."""

    def __init__(self, all_canaries: Iterable[Canary]) -> None:
        self.by_value: dict[str, list[Canary]] = {}
        for canary in all_canaries:
            self.by_value.setdefault(canary.value, []).append(canary)
        numbers = {value for value, found in self.by_value.items() if found[0].is_number}
        self.lengths = sorted({len(value) for value in numbers})
        words = sorted(set(self.by_value) - numbers, key=len, reverse=True)
        self.words = re.compile("|".join(map(re.escape, words))) if words else re.compile(r"(?!)")

    def find(self, text: str) -> list[Canary]:
        text = html.unescape(text)
        values = set(self.words.findall(text))
        for run in _DIGITS.findall(_SPACED.sub("", text)):
            for length in self.lengths:
                values |= {run[start : start + length] for start in range(len(run) - length + 1)} & self.by_value.keys()
        return [canary for value in values for canary in self.by_value[value]]


def text_of(response: Any) -> str:
    """What can be read in an answer: the page with its comments and attributes, the words of a PDF, the cells of a workbook."""
    content = b"".join(response.streaming_content) if response.streaming else response.content
    headers = "\n".join(f"{name}: {value}" for name, value in response.items())
    return headers + "\n" + words_in(content, response.get("Content-Type", ""))


def words_in(content: bytes, media_type: str) -> str:
    if content[:5] == b"%PDF-":
        from pypdf import PdfReader

        reader = PdfReader(io.BytesIO(content))
        return "\n".join(page.extract_text() for page in reader.pages) + str(reader.metadata)
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            return "\n".join(words_in(parts.read(name), "") for name in parts.namelist())
    if media_type.startswith("image/"):
        return ""
    if "gb18030" in media_type.lower():
        return content.decode("gb18030", "replace")
    text = content.decode("utf-8", "replace")
    return text + (content.decode("gb18030", "replace") if "csv" in media_type else "")
