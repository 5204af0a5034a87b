"""The key file of one installation: made once, readable by its owner only. Imports nothing from Django: settings read it."""

import base64
import contextlib
import json
import os
import secrets
import tempfile
from pathlib import Path
from typing import TypedDict


class Keys(TypedDict):
    """What `var/keys.json` holds; keys are 32 bytes in base64."""

    secret_key: str
    data_keys: dict[str, str]  # by key id; the old ones stay, so that old rows can be read
    current: str  # the id under which new values are sealed
    index_key: str  # never changed without re-indexing


def load_or_create_keys(path: str | Path) -> Keys:
    """Read the key file; make it first if there is none (mode 0600).

    Two processes that start together get the same keys: the file appears whole, under its name, exactly once.
    Raises ValueError (a Chinese sentence) when the file is damaged; it is never replaced.
    """
    path = Path(path)
    if not path.exists():
        _create(path)
    return _read(path)


def decode_key(text: str) -> bytes:
    """One base64 key as bytes. Raises ValueError unless it is exactly 32 bytes."""
    key = base64.b64decode(text, validate=True)
    if len(key) != 32:
        raise ValueError("密钥必须是 32 字节。")
    return key


def _create(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    content = {
        "secret_key": secrets.token_urlsafe(50),
        "data_keys": {"k1": _new_key()},
        "current": "k1",
        "index_key": _new_key(),
    }
    handle, draft = tempfile.mkstemp(prefix=".keys-", dir=path.parent)  # O_EXCL and mode 0600
    try:
        with os.fdopen(handle, "w", encoding="ascii") as file:
            json.dump(content, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(draft, path)  # unlike rename, a link never overwrites the file of a quicker process
    finally:
        os.unlink(draft)


def _new_key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode("ascii")


def _read(path: Path) -> Keys:
    try:
        raw = json.loads(path.read_text(encoding="ascii"))
        keys = Keys(
            secret_key=str(raw["secret_key"]),
            data_keys={str(key_id): str(key) for key_id, key in raw["data_keys"].items()},
            current=str(raw["current"]),
            index_key=str(raw["index_key"]),
        )
        for key in (keys["index_key"], *keys["data_keys"].values()):
            decode_key(key)
    except (ValueError, KeyError, TypeError, AttributeError) as damage:
        raise ValueError(
            f"密钥文件 {path} 已损坏，无法读取。请从备份中恢复，切勿删除重建，否则已加密的资料将无法读出。"
        ) from damage
    if keys["current"] not in keys["data_keys"]:
        raise ValueError(f"密钥文件 {path} 的 current 没有对应的密钥。请从备份中恢复。")
    return keys
