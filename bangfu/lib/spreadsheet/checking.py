"""What a file is by its bytes, and whether a zip is safe to open; every refusal says what to do instead. Source: trust.md P14."""

import io
import zipfile

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused
from bangfu.lib.zips import unpacks_too_much

MAX_BYTES = 40 << 20
MAX_ENTRIES = 200

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def kind_of(content: bytes) -> str:
    """ "xlsx", "xls" or "csv" by content. Raises Refused for everything else, and for a zip that is a trap."""
    if not content:
        raise Refused(_("文件是空的（0 字节）。请重新选择文件，或重新保存后再上传。"))
    if len(content) > MAX_BYTES:
        raise Refused(_("文件有 %(mb)d MB，超过 40 MB。请删去图片，或拆成几个文件分别导入。") % {"mb": len(content) >> 20})
    if content[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
        _check_zip(content)
        return "xlsx"
    if content.startswith(_OLE):
        _check_compound(content)
        return "xls"
    _check_text(content)
    return "csv"


def _check_zip(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError, EOFError) as damage:
        raise Refused(_("文件已损坏，打不开。请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。")) from damage
    names = {part.filename.lower() for part in parts}
    _check_names(names)
    if len(parts) > MAX_ENTRIES or unpacks_too_much(parts):
        raise Refused(bomb())


def bomb() -> str:
    return _("文件解开后异常庞大，已拒绝读取。请把数据复制到新建的表格里，另存为 .xlsx 再上传。")


def _check_names(names: set[str]) -> None:
    if "xl/vbaproject.bin" in names:
        raise Refused(_("文件带有宏，不能导入。请另存为“Excel 工作簿（.xlsx）”再上传。"))
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise Refused(_("这是二进制工作簿（.xlsb），不能导入。请另存为“Excel 工作簿（.xlsx）”再上传。"))
    if "word/document.xml" in names:
        raise Refused(_("这是 Word 文档，不是表格。请把表格复制到 Excel 或 WPS 表格，另存为 .xlsx 再上传。"))
    if "content.xml" in names and "mimetype" in names:
        raise Refused(_("这是 OpenDocument 表格（.ods），不能导入。请另存为 .xlsx 再上传。"))
    raise Refused(_("这是压缩包，不是表格。请先解压，再上传里面的 .xlsx、.xls 或 .csv 文件。"))


def _check_compound(content: bytes) -> None:
    if "EncryptedPackage".encode("utf-16-le") in content:
        raise Refused(locked())
    if "WordDocument".encode("utf-16-le") in content:
        raise Refused(_("这是 Word 文档，不是表格。请把表格复制到 Excel 或 WPS 表格，另存为 .xlsx 再上传。"))
    if "PowerPoint Document".encode("utf-16-le") in content:
        raise Refused(_("这是演示文稿，不是表格。请上传 .xlsx、.xls 或 .csv 文件。"))


def locked() -> str:
    return _("文件加了打开密码，读不了。请先取消密码（另存为时清空密码），再上传。")


def _check_text(content: bytes) -> None:
    head = content[:2048].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if b"schemas-microsoft-com:office:spreadsheet" in head or b"<workbook" in head:
        raise Refused(_("这是“XML 表格 2003”，不能导入。请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。"))
    if head.startswith((b"<!doctype", b"<html", b"<table", b"<head", b"<meta", b"<?xml", b"mime-version", b"<style")):
        raise Refused(_("这其实是网页，只是扩展名改成了表格。请用 WPS 或 Excel 打开后另存为 .xlsx 再上传。"))
    if head.startswith((b"%pdf", b"\xff\xd8\xff", b"\x89png", b"gif8")):
        raise Refused(_("这是 PDF 或图片，不是表格。请上传 .xlsx、.xls 或 .csv 文件。"))
    if head.startswith((b"rar!", b"7z\xbc\xaf", b"\x1f\x8b")):
        raise Refused(_("这是压缩包，不是表格。请先解压，再上传里面的 .xlsx、.xls 或 .csv 文件。"))
    if not head:
        raise Refused(_("文件里没有内容。请确认保存后再上传。"))
