"""Uploaded files by their content, and pictures without what the camera wrote into them."""

import io
import warnings
import zipfile

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused
from bangfu.lib.zips import unpacks_too_much

MAX_PIXELS = 50_000_000  # a phone of today takes up to 50 megapixels; more is a bomb or a scan of a wall
MAX_SIDE = 2400  # enough to read an ID card; keeps a photo under about 1 MB

JPEG, PNG, WEBP, PDF = "image/jpeg", "image/png", "image/webp", "application/pdf"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLS = "application/vnd.ms-excel"
DOC = "application/msword"
IMAGES = (JPEG, PNG, WEBP)


def sniff(content: bytes) -> str:
    """The media type by the first bytes, never by the name: jpg, png, webp, pdf, xlsx, docx, xls, doc.

    Raises Refused, with what the file is and what to send instead, for everything else.
    """
    if not content:
        raise Refused(_("文件是空的（0 字节）。请重新选择文件。"))
    head = content[:16]
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if content.lstrip(b"\xef\xbb\xbf\0 \t\r\n").startswith(b"%PDF-"):  # nothing else before it: a page could stand there
        return PDF
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return _office_zip(content)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        return _office_compound(content)
    raise Refused(_what_it_is(content))


def _office_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as damage:
        raise Refused(_("文件已损坏，打不开。请重新保存后再上传。")) from damage
    names = {part.filename for part in parts}
    if unpacks_too_much(parts):
        raise Refused(_("文件解开后异常庞大，不能收。请另存一份，或改交 PDF。"))
    if any(name.lower().endswith("vbaproject.bin") for name in names):
        raise Refused(_("文件带有宏，不能上传。请另存为不带宏的 .xlsx 或 .docx。"))
    if "xl/workbook.xml" in names:
        return XLSX
    if "word/document.xml" in names:
        return DOCX
    raise Refused(_("这是压缩包，不能上传。请解压后逐个上传里面的照片或 PDF。"))


def _office_compound(content: bytes) -> str:
    head = content[: 1 << 20]
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Refused(_("文件加了密码，打不开。请取消密码后再上传。"))
    if "WordDocument".encode("utf-16-le") in content:
        return DOC
    if "Workbook".encode("utf-16-le") in content or "Book".encode("utf-16-le") in head:
        return XLS
    raise Refused(_("不认识这种 Office 文件。请另存为 .xlsx、.docx 或 PDF 后再上传。"))


def _what_it_is(content: bytes) -> str:
    head = content[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"heim"):
        return _("这是苹果手机的 HEIC 照片。请在手机“设置-相机-格式”里选“兼容性最佳”，或转成 JPG 后再上传。")
    if head.startswith((b"gif8", b"bm", b"ii*\0", b"mm\0*")):
        return _("不支持这种图片格式。请转成 JPG 或 PNG 后再上传。")
    if head.startswith((b"<!doctype html", b"<html", b"<?xml", b"<svg", b"<script")):
        return _("这是网页文件，不能上传。请上传照片或 PDF。")
    if head.startswith((b"mz", b"\x7felf", b"#!")):
        return _("这是程序文件，不能上传。请上传照片或 PDF。")
    if head.startswith((b"rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        return _("这是压缩包，不能上传。请解压后逐个上传里面的照片或 PDF。")
    if content[4:8] == b"ftyp" or head.startswith((b"id3", b"ogg", b"\x1aE\xdf\xa3".lower())):
        return _("这是视频或录音，不能上传。请上传照片或 PDF。")
    return _("不认识这种文件。请上传 JPG、PNG 照片或 PDF。")


def clean_image(content: bytes, *, max_side: int = MAX_SIDE, max_pixels: int = MAX_PIXELS) -> bytes:
    """The picture again, upright, without place, time, camera or any other metadata, at most `max_side` px a side.

    JPEG stays JPEG; PNG stays PNG; WebP becomes JPEG, or PNG when it is transparent (old viewers).
    Raises Refused for what is not a picture, is damaged, or would be too large once unpacked.
    """
    if sniff(content) not in IMAGES:
        raise Refused(_("这不是照片。请上传 JPG 或 PNG 照片。"))
    from PIL import Image, ImageOps

    damaged = Refused(_("照片已损坏，打不开。请重新拍照或另存后再上传。"))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow's own bomb warning: our limit is checked below, before decoding
            image = Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP"))
            if image.width * image.height > max_pixels:
                raise Refused(
                    _("照片太大（%(width)d×%(height)d）。请用手机普通模式拍照，或缩小后再上传。")
                    % {"width": image.width, "height": image.height}
                )
            kind = image.format
            if kind == "JPEG":
                image.draft("RGB", (max_side, max_side))  # decode at a fraction of the size where that suffices
            upright = ImageOps.exif_transpose(image)
            upright.thumbnail((max_side, max_side))
    except Refused:
        raise
    except Image.DecompressionBombError as bomb:
        raise Refused(_("照片太大，解开后超出限制。请用手机普通模式拍照，或缩小后再上传。")) from bomb
    except Exception as damage:  # Pillow's decoders raise a dozen kinds for broken files
        raise damaged from damage
    return _encode(upright, kind)


def _encode(image, kind: str | None) -> bytes:  # type: ignore[no-untyped-def]
    """Fresh bytes from the pixels alone: a new image carries no info dictionary, profile or chunk."""
    from PIL import Image

    transparent = image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info
    if kind == "JPEG" or (kind == "WEBP" and not transparent):
        mode = "L" if image.mode in ("1", "L") else "RGB"
    else:
        mode = "RGBA" if transparent else "L" if image.mode in ("1", "L") else "RGB"
    pixels = image.convert(mode)
    fresh = Image.frombytes(mode, pixels.size, pixels.tobytes())
    out = io.BytesIO()
    if kind == "JPEG" or (kind == "WEBP" and not transparent):
        fresh.save(out, "JPEG", quality=85, optimize=True)
    else:
        fresh.save(out, "PNG", optimize=True)
    return out.getvalue()
