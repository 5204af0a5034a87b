"""Form data that answers every key it is asked for with something no form expects; no field has to be known beforehand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict
from hypothesis import strategies as st

STRINGS = [
    "", " ", "\t\r\n", "\u3000", "\x00", "a\x00b", "\x01\x1f\x7f", "\ufeff", "\u200b", "\u202eabc", "😀👨‍👩‍👧", "\U0010ffff", "ﷺ", "Z͑ͫ̓a̴͝l̛ġo",
    "0", "-1", "-0", "00", "１２３", "一千", "1,000", "1.005", "1e309", "NaN", "Infinity", "0x1F", "9" * 19, "9" * 400, "2147483648",
    "9223372036854775808", "99999999999.99", "2026-13-45", "0000-00-00", "2026年2月30日", "10000-01-01", "2026-11-20T25:61", "1900-01-01",
    "<script>alert(1)</script>", "\"'><img src=x>", "' OR 1=1 --", "'; DROP TABLE x; --", "{{ 7*7 }}", "{% load x %}", "%s%n%d", "%(name)s", "${x}",
    "../../../etc/passwd", "C:\\con", "file:///etc", "javascript:alert(1)", "//evil.example", "=1+1", "@SUM(A1)", "null", "undefined", "true", "None",
    "[]", "{}", '{"a": 1}', "x" * 300, "张" * 1001, "长" * 20_000, "a,b,c", "1;2", "530000190002300012", "53000019780312001X", "13800000000",
    "6222021687536253779", "data:image/png;base64,AAAA", "data:image/png;base64,iVBORw0KGgo=", "yes", "no", "bank", "cash", "identity", "verify",
]  # fmt: skip
naughty_strings = st.one_of(st.sampled_from(STRINGS), st.text(st.characters(exclude_categories=["Cs"]), max_size=60))
FILES = [
    b"",
    b"\x00" * 20,
    b"%PDF-1.4 broken",
    b"\x89PNG\r\n\x1a\nbroken",
    b"PK\x03\x04broken",
    "姓名,身份证号\n".encode(),
    b"\xff\xfe\x00",
]


class NaughtyPost(QueryDict):
    """`answer(key)` for any key; iterating shows a few."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        super().__init__("", mutable=False)
        self.answer = answer

    def __contains__(self, key: object) -> bool:
        return self.answer(str(key)) != ""

    def __getitem__(self, key: str) -> str:
        return self.answer(key)

    def get(self, key: str, default: Any = None) -> Any:
        return self.answer(key)

    def getlist(self, key: str, default: Any = None) -> list[Any]:
        value = self.answer(key)
        return [value, value + "1"] if value else []

    def keys(self) -> Any:
        return ["version", "reason", "fix-2-3", "fix-x", "pick"]

    def items(self) -> Any:
        return [(key, self.answer(key)) for key in self.keys()]

    def dict(self) -> dict[str, str]:
        return dict(self.items())


class NaughtyFiles(MultiValueDict):
    def __init__(self, content: bytes, name: str) -> None:
        super().__init__()
        self.content, self.name = content, name

    def get(self, key: str, default: Any = None) -> Any:
        return SimpleUploadedFile(self.name, self.content) if self.name else default

    def __getitem__(self, key: str) -> Any:
        return self.get(key)

    def __contains__(self, key: object) -> bool:
        return bool(self.name)

    def getlist(self, key: str, default: Any = None) -> list[Any]:
        return [self.get(key)] if self.name else []


#: What the middleware lays under the next POST; set by the test.
laid: list[tuple[NaughtyPost, NaughtyFiles]] = []


def middleware(get_response: Callable[[HttpRequest], Any]) -> Callable[[HttpRequest], Any]:
    def handle(request: HttpRequest) -> Any:
        if request.method == "POST" and laid:
            request._post, request._files = laid[0]  # type: ignore[attr-defined]
        return get_response(request)

    return handle


def answers(values: list[str], good: dict[str, str], uses_good: bool) -> Callable[[str], str]:
    """Always the same for one key; where `uses_good`, keys that guard the way in are right."""
    return lambda key: good[key] if uses_good and key in good else values[crc32(key.encode()) % len(values)]
