"""Sealing what must not be read from a stolen database: AES-256-GCM fields, and blind indexes to find them again.

A sealed value is: 1 byte version (1), 1 byte length of the key id, the key id, 12 bytes nonce, ciphertext with tag.
The associated data ("table.column") is authenticated, so that a value copied into another column does not open.
"""

import base64
import hashlib
import hmac
import json
import os
from typing import TYPE_CHECKING, Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import FieldError
from django.db import models
from django.db.models.lookups import Exact
from django.utils.translation import gettext as _

_VERSION = 1
_NONCE = 12
_SERIALISED = "\0sealed:"  # a NUL cannot come in through a form


class Unreadable(ValueError):
    """A sealed value does not open: damaged, moved from another column, or its key is missing."""


def seal(plain: bytes, *, aad: bytes) -> bytes:
    """Encrypt under the current key (`settings.DATA_KEY_ID`); the same plain text never gives the same bytes twice."""
    key_id = settings.DATA_KEY_ID
    name = key_id.encode("ascii")
    nonce = os.urandom(_NONCE)
    sealed = AESGCM(settings.DATA_KEYS[key_id]).encrypt(nonce, plain, aad)
    return bytes((_VERSION, len(name))) + name + nonce + sealed


def open_sealed(blob: bytes, *, aad: bytes) -> bytes:
    """The plain bytes of a sealed value, under whichever known key wrote it. Raises Unreadable."""
    key_id, nonce, sealed = _parts(blob)
    if key_id not in settings.DATA_KEYS:
        raise Unreadable(_("没有编号为 %(key)s 的数据密钥，这项加密资料无法读出。请检查密钥文件。") % {"key": key_id})
    try:
        return AESGCM(settings.DATA_KEYS[key_id]).decrypt(nonce, sealed, aad)
    except InvalidTag as damage:
        raise Unreadable(_("加密资料校验不通过：内容被改动，或不属于这个字段。")) from damage


def key_id_of(blob: bytes) -> str:
    """Which key sealed this value; rotation looks for those that are not the current one. Raises Unreadable."""
    return _parts(blob)[0]


def _parts(blob: bytes) -> tuple[str, bytes, bytes]:
    if len(blob) < 2 or blob[0] != _VERSION or len(blob) < 2 + blob[1] + _NONCE + 16:
        raise Unreadable(_("加密资料的格式无法识别。"))
    end = 2 + blob[1]
    try:
        key_id = blob[2:end].decode("ascii")
    except UnicodeDecodeError as damage:
        raise Unreadable(_("加密资料的格式无法识别。")) from damage
    return key_id, blob[end : end + _NONCE], blob[end + _NONCE :]


def blind_index(value: str, purpose: str) -> str:
    """What an exact look-up compares instead of the value itself: 64 hex digits, different for each purpose.

    The caller normalises first (`identity.normalise`, digits of a card …). Purposes are words: "id", "card", "phone", "phone4".
    """
    return keyed_digest(settings.INDEX_KEY, f"{purpose}\0{value}")


def keyed_digest(key: bytes, value: str) -> str:
    """HMAC-SHA256 as 64 hex digits: a value in the record that can be compared but not guessed without the key."""
    return hmac.new(key, value.encode("utf-8"), hashlib.sha256).hexdigest()


class _NullOnly(Exact):
    """`filter(card=None)` asks whether there is a value; comparing with one is refused, as it could never match."""

    def get_prep_lookup(self) -> None:
        if self.rhs is not None:
            raise _not_searchable(self.lhs.output_field.name, "exact")


def _not_searchable(name: str, lookup_name: str) -> FieldError:
    return FieldError(f"{name} is encrypted and cannot be searched ({lookup_name}): use its blind index.")


class EncryptedTextField(models.Field):
    """A text that stands sealed in the database and plain in Python; None stays None; cannot be searched or sorted.

    Any known key is read, the current one is written: saving a row again rotates it.
    """

    if TYPE_CHECKING:
        _pyi_private_set_type: str
        _pyi_private_get_type: str

    def get_internal_type(self) -> str:
        return "BinaryField"

    def check(self, **kwargs: Any) -> list[Any]:
        from django.core.checks import Error

        indexed = vars(self)["db_index"]  # django-stubs does not know it
        if self.unique or indexed:
            return [
                Error("An encrypted column cannot be unique or indexed: keep a blind_index beside it.", obj=self, id="lib.E001")
            ]
        return super().check(**kwargs)

    @property
    def aad(self) -> bytes:
        """ "table.column": a value copied into another column does not open."""
        return f"{self.model._meta.db_table}.{self.column}".encode()

    def get_prep_value(self, value: Any) -> bytes | None:
        if value is None:
            return None
        return seal(self.to_text(value).encode("utf-8"), aad=self.aad)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        value = super().get_db_prep_value(value, connection, prepared)
        return None if value is None else connection.Database.Binary(value)

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Any:
        if value is None:
            return None
        return self.from_text(open_sealed(bytes(value), aad=self.aad).decode("utf-8"))

    def to_text(self, value: Any) -> str:
        if value == b"":  # what the schema editor offers as the default of a new column
            return ""
        if not isinstance(value, str):
            raise TypeError(f"{self.model.__name__}.{self.name} takes a str, not {type(value).__name__}.")
        return value

    def from_text(self, text: str) -> Any:
        return text

    def value_to_string(self, obj: models.Model) -> Any:
        """Stays sealed in a dump of the database (`dumpdata`)."""
        sealed = self.get_prep_value(self.value_from_object(obj))
        return None if sealed is None else _SERIALISED + base64.b64encode(sealed).decode("ascii")

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and value.startswith(_SERIALISED):
            return self.from_db_value(base64.b64decode(value[len(_SERIALISED) :]), None, None)
        return value

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "exact":
            return _NullOnly
        if lookup_name != "isnull":
            raise _not_searchable(self.name, lookup_name)
        return super().get_lookup(lookup_name)

    def get_transform(self, lookup_name: str) -> Any:
        raise _not_searchable(self.name, lookup_name)


class EncryptedJSONField(EncryptedTextField):
    """The same for a JSON value: dict, list, str, int, bool; no floats are made from integers and keys come back sorted."""

    if TYPE_CHECKING:
        _pyi_private_set_type: Any  # type: ignore[assignment]
        _pyi_private_get_type: Any  # type: ignore[assignment]

    empty_strings_allowed = False

    def to_text(self, value: Any) -> str:
        return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    def from_text(self, text: str) -> Any:
        return json.loads(text)
