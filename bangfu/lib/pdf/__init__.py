"""A4 forms as PDF. A template is `bangfu/<app>/pdf/<name>.typ`, called "<app>/<name>"; its look is lib/pdf/form.typ.

Data goes in as JSON and is never part of the source, so nobody's text can become a command.
"""

import base64
import io
import json
import re
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

from django.utils.translation import gettext as _

ROOT = Path(__file__).resolve().parents[2]
_lock = Lock()


def render(template_name: str, data: dict[str, Any], *, at: datetime | None = None) -> bytes:
    """The PDF of one form; the same data gives the same bytes, so its SHA-256 can be signed.

    `template_name`: "relief/receipt" is bangfu/relief/pdf/receipt.typ. `data`: what JSON can carry (money already as text).
    `at` is the creation time written into the file; without it the file carries none of its own.
    """
    path = template_path(template_name)
    inputs = {"data": json.dumps(data, ensure_ascii=False), "words": json.dumps(_words(), ensure_ascii=False)}
    with _lock:  # one compiler keeps the fonts and parsed templates; it is not shared by two threads at once
        return _compiler().compile(input=str(path), sys_inputs=inputs, format="pdf", timestamp=int(at.timestamp()) if at else 0)


def template_path(template_name: str) -> Path:
    """Where a template stands. Raises LookupError for a name that is not one of ours."""
    match = re.fullmatch(r"([a-z_]+)/([a-z0-9_]+)", template_name)
    path = ROOT / match[1] / "pdf" / f"{match[2]}.typ" if match else None
    if path is None or not path.is_file():
        raise LookupError(f"There is no PDF template {template_name!r} (bangfu/<app>/pdf/<name>.typ).")
    return path


def picture(content: bytes) -> str:
    """A PNG or JPEG (a drawn signature) as SVG text, to be handed over in `data` and shown with `picture` of form.typ."""
    from PIL import Image

    with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as image:
        width, height, kind = image.width, image.height, (image.format or "png").lower()
    coded = base64.b64encode(content).decode("ascii")
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<image width="{width}" height="{height}" href="data:image/{kind};base64,{coded}"/></svg>'
    )


def _words() -> dict[str, str]:
    """The words of form.typ."""
    return {
        "number": _("编号"),
        "page": _("第 {page} 页，共 {pages} 页"),
        "seal": _("盖章处"),
        "date": _("日期"),
        "colon": _("："),
    }


@lru_cache(maxsize=1)
def _compiler() -> Any:
    import pylopdf_fonts_zh_cn
    import typst

    fonts = Path(pylopdf_fonts_zh_cn.__file__).parent
    return typst.Compiler(
        input=str(Path(__file__).with_name("specimen.typ")),
        root=str(ROOT),
        font_paths=[str(fonts)],
        ignore_system_fonts=True,
    )
