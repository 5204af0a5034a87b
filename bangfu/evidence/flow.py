"""Store a file, read it through the one door, sign a document."""

from __future__ import annotations

import hashlib
import os
import secrets
import unicodedata
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.audit.record import record, recording
from bangfu.evidence.models import File, SignOff
from bangfu.lib.crypto import Unreadable, blind_index, open_sealed, seal
from bangfu.lib.errors import Refused

MAX_BYTES = 20 * 1024 * 1024
#: What may be stored: pictures and PDF of proofs, and the tables that unions keep.
ALLOWED = {
    "image/jpeg",
    "image/png",
    "image/webp",
    "application/pdf",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "text/csv",
}


@recording
def store(
    content: bytes,
    *,
    name: str,
    by: Account | None,
    at: datetime,
    unit: Unit,
    media_type: str | None = None,
    max_bytes: int = MAX_BYTES,
) -> File:
    """Keep a file: type judged by its bytes, EXIF stripped from pictures, encrypted, addressed by content.

    `media_type` is only for bytes made by ourselves (CSV has no magic number). Raises Refused: empty, too big, wrong type.
    """
    from bangfu.lib import images  # Pillow: heavy

    if not content:
        raise Refused(_("“%(name)s”是空文件。请重新选择要交的材料。") % {"name": name})
    if len(content) > max_bytes:
        raise Refused(_("“%(name)s”超过 %(mb)d MB。请压缩，或分成几个文件再传。") % {"name": name, "mb": max_bytes // 1024 // 1024})
    media_type = media_type or images.sniff(content)
    if media_type not in ALLOWED:
        raise Refused(_("“%(name)s”不是能收的材料。请交照片（JPG、PNG）、PDF 或表格。") % {"name": name})
    if media_type.startswith("image/"):
        content = images.clean_image(content)
        media_type = images.sniff(content)
    digest = hashlib.sha256(content).hexdigest()
    address = blind_index(digest, "evidence.file")
    _write(address, content)
    file = File.objects.create(
        sha256=digest,
        address=address,
        size=len(content),
        media_type=media_type,
        name=_file_name(name, media_type),
        unit=unit,
        stored_by=by,
        stored_at=at,
    )
    record("evidence.file_stored", file, by=by, at=at, unit=unit, sha256=digest, size=len(content), media_type=media_type)
    return file


def digest_of(content: bytes) -> str:
    """The digest under which `store` would keep these bytes: of a picture without its EXIF. "" for what is not kept at all."""
    from bangfu.lib import images  # Pillow: heavy

    try:
        kept = images.clean_image(content) if (images.sniff(content) or "").startswith("image/") else content
    except Refused:
        return ""
    return hashlib.sha256(kept).hexdigest()


def content_of(file: File) -> bytes:
    """The plain bytes; raises Refused when the disk no longer has them or they were altered."""
    path = _path(file.address)
    if not path.exists():
        raise Refused(_("这份材料的文件不在存储里。请联系系统管理员从备份恢复。"))
    altered = Refused(_("这份材料与存入时不一样，已拒绝打开。请联系系统管理员。"))
    try:
        content = open_sealed(path.read_bytes(), aad=file.address.encode())
    except Unreadable as damage:
        raise altered from damage
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise altered
    return content


@recording
def read(file: File, *, by: Account, at: datetime) -> bytes:
    """The bytes for one reader; that she read them is recorded."""
    content = content_of(file)
    record("evidence.file_read", file, by=by, at=at, unit=file.unit, sha256=file.sha256)
    return content


@recording
def sign_off(
    document: bytes | str,
    *,
    subject: str,
    signer_name: str,
    role: str,
    how: str,
    by: Account | None,
    at: datetime,
    unit: Unit,
    account: Account | None = None,
    image: File | None = None,
) -> SignOff:
    """One person signs one document (bytes, or their sha256 as hex). `by` recorded it; `account` signed when she has one.

    Raises Refused when a drawn or paper signature has no picture, or the person already signed in this role.
    """
    digest = document if isinstance(document, str) else hashlib.sha256(document).hexdigest()
    if how != SignOff.How.CLICKED and image is None:
        raise Refused(_("还没有签字的图。请在屏上手写，或拍下纸面签字再交。"))
    if SignOff.objects.filter(subject=subject, document_sha256=digest, role=role, signer_name=signer_name).exists():
        raise Refused(_("%(name)s已经签过字了，不用再签。") % {"name": signer_name})
    signed = SignOff.objects.create(
        subject=subject, document_sha256=digest, signer_name=signer_name, account=account, role=role, how=how,
        image=image, recorded_by=by, at=at,
    )  # fmt: skip
    record("evidence.document_signed", subject, by=by, at=at, unit=unit, sha256=digest, role=role, how=how, signer=signer_name)
    return signed


SUFFIXES = {
    "image/jpeg": (".jpg", ".jpeg"),
    "image/png": (".png",),
    "application/pdf": (".pdf",),
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": (".xlsx",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx",),
    "text/csv": (".csv",),
}


def _file_name(name: str, media_type: str) -> str:
    """As the uploader called it, without folders and invisible signs, with the ending of what it really is."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(sign for sign in name if unicodedata.category(sign) not in ("Cc", "Cf")).strip(" .")[-120:]
    suffixes = SUFFIXES.get(media_type, ("",))
    return name if name.lower().endswith(suffixes) and name.lower() not in suffixes else f"{name or _('材料')}{suffixes[0]}"


def ending_of(file: File) -> str:
    """ ".png" of a PNG, whatever its name says."""
    return SUFFIXES.get(file.media_type, ("",))[0]


def _path(address: str) -> Path:
    return Path(settings.FILES) / address[:2] / address


def _write(address: str, content: bytes) -> None:
    """Whole or not at all: written beside, flushed, renamed. The same content again is left as it is."""
    path = _path(address)
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{address}.{secrets.token_hex(4)}")
    with open(beside, "wb") as file:
        file.write(seal(content, aad=address.encode()))
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
