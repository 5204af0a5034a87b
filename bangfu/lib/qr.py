"""QR codes as SVG text, for PDF forms and pages."""

import io


def svg(text: str, *, scale: int = 4) -> str:
    """The QR code of a text (an address to `/check/<code>`) as one SVG element; error correction M, quiet zone 2."""
    import segno

    out = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        out, kind="svg", scale=scale, border=2, dark="#000", xmldecl=False, svgns=True, omitsize=False
    )
    return out.getvalue().decode("utf-8").strip()
