"""Columns that follow from others: written by `pre_save`, which also runs in bulk inserts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import models

from bangfu.lib.crypto import blind_index
from bangfu.lib.names import pinyin_key


class _Derived(models.Field):
    """A text computed from other fields of the same row each time the row is written; never set by hand."""

    is_derived = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def compute(self, instance: models.Model) -> str:
        raise NotImplementedError

    def pre_save(self, instance: models.Model, add: bool) -> str:
        value = self.compute(instance)
        setattr(instance, self.attname, value)
        return value


class PinyinKey(_Derived, models.CharField):
    """The sort key of a name: "shan xiong xin", the same order on every database."""

    def __init__(self, source: str = "name", **kwargs: Any) -> None:
        self.source = source
        super().__init__(**{"max_length": 200, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"source": self.source}

    def compute(self, instance: models.Model) -> str:
        return pinyin_key(getattr(instance, self.source))[:200]


class SearchTokens(_Derived, models.TextField):
    """A column of words to search in; only migration 0001 still names it. Words stand in tables of their own (`models.search`)."""

    def __init__(self, sources: Sequence[str] = ("name",), **kwargs: Any) -> None:
        self.sources = tuple(sources)
        super().__init__(**kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"sources": self.sources}


class BlindIndex(_Derived, models.CharField):
    """The keyed digest of a sealed field (or of its last `tail` signs); None when the field is empty."""

    def __init__(self, source: str = "", purpose: str = "", tail: int = 0, **kwargs: Any) -> None:
        self.source, self.purpose, self.tail = source, purpose, tail
        super().__init__(**{"max_length": 64, "null": True, **kwargs})

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"source": self.source, "purpose": self.purpose, "tail": self.tail}

    def compute(self, instance: models.Model) -> Any:
        value = getattr(instance, self.source) or ""
        return blind_index(value[-self.tail :] if self.tail else value, self.purpose) if value else None
