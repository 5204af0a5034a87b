import io
import random
import struct
import zlib

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from bangfu.lib import images
from bangfu.lib.errors import Refused
from bangfu.lib.images import clean_image, sniff
from bangfu.lib.tests import corpus

CANARY = b"25.0443N 102.7082E Canon"


def picture(kind: str = "JPEG", size=(120, 80), mode: str = "RGB", **options) -> bytes:
    out = io.BytesIO()
    Image.effect_noise(size, 60).convert(mode).save(out, kind, **options)
    return out.getvalue()


def with_camera_data(orientation: int = 1) -> bytes:
    image = Image.new("RGB", (120, 80), "red")  # with one blue corner
    image.paste((0, 0, 255), (0, 0, 24, 24))
    exif = image.getexif()
    exif[0x0112], exif[0x010F], exif[0x9003] = orientation, CANARY.decode(), "2026:01:05 10:00:00"
    exif.get_ifd(0x8825)[2] = (25.0, 2.0, 39.5)
    out = io.BytesIO()
    image.save(out, "JPEG", exif=exif, comment=CANARY, icc_profile=b"x" * 40 + CANARY, quality=95)
    return out.getvalue()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (picture("JPEG"), images.JPEG),
        (picture("PNG"), images.PNG),
        (picture("WEBP"), images.WEBP),
        (b"%PDF-1.7\n%", images.PDF),
        (b"\n\n%PDF-1.4", images.PDF),
        (corpus.raw_xlsx(""), images.XLSX),
        (corpus.zip_of({"word/document.xml": b"x"}), images.DOCX),
        (corpus.xls([["a"]]), images.XLS),
        (corpus.compound({"WordDocument": b"x"}), images.DOC),
    ],
)
def test_a_file_is_known_by_its_first_bytes(content, media_type):
    assert sniff(content) == media_type


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "0 字节"),
        (b"\0\0\0\x18ftypheic\0\0", "HEIC.*兼容性最佳"),
        (b"GIF89a", "图片格式"),
        (b"BM\x00\x00", "图片格式"),
        (b"<html>", "网页"),
        (b"<svg onload=alert(1)>", "网页"),
        (b"MZ\x90", "程序"),
        (b"#!/bin/sh", "程序"),
        (b"\x7fELF", "程序"),
        (b"Rar!\x1a", "压缩包"),
        (corpus.zip_of({"a.jpg": b"x"}), "压缩包"),
        (b"PK\x03\x04broken", "已损坏"),
        (corpus.raw_xlsx("", extra={"xl/vbaProject.bin": b"x"}), "宏"),
        (corpus.compound({"EncryptedPackage": b"x"}), "密码"),
        (corpus.compound({"Other": b"x"}), "不认识"),
        (b"\0\0\0\x18ftypmp42", "视频"),
        (b"hello", "不认识"),
    ],
)
def test_other_files_are_refused_with_what_to_do(content, says):
    with pytest.raises(Refused, match=says) as refusal:
        sniff(content)
    assert str(refusal.value).endswith("。")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_clean_picture_is_still_the_picture(kind):
    cleaned = Image.open(io.BytesIO(clean_image(picture(kind))))
    assert cleaned.size == (120, 80) and cleaned.format == ("PNG" if kind == "PNG" else "JPEG")


def test_nothing_of_the_camera_is_left():
    dirty = with_camera_data()
    cleaned = clean_image(dirty)
    assert CANARY in dirty and CANARY not in cleaned and b"Exif" not in cleaned
    assert dict(Image.open(io.BytesIO(cleaned)).getexif()) == {}


def test_text_hidden_in_a_png_is_left_out():
    info = PngInfo()
    info.add_text("Comment", CANARY.decode())
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (255, 0, 0, 90)).save(out, "PNG", pnginfo=info)
    cleaned = clean_image(out.getvalue() + CANARY)  # and behind its end
    assert CANARY not in cleaned
    assert Image.open(io.BytesIO(cleaned)).getpixel((5, 5)) == (255, 0, 0, 90)


@pytest.mark.parametrize(
    ("orientation", "size", "corner"),
    [(1, (120, 80), (0, 0)), (6, (80, 120), (79, 0)), (3, (120, 80), (119, 79)), (8, (80, 120), (0, 119))],
)
def test_a_picture_taken_sideways_is_set_upright(orientation, size, corner):
    cleaned = Image.open(io.BytesIO(clean_image(with_camera_data(orientation))))
    assert cleaned.size == size
    red, _green, blue = cleaned.getpixel(corner)
    assert blue > red


def test_a_large_picture_is_made_smaller_and_a_small_one_is_left():
    plain = io.BytesIO()
    Image.new("RGB", (4000, 3000), "green").save(plain, "JPEG")
    assert Image.open(io.BytesIO(clean_image(plain.getvalue()))).size == (2400, 1800)
    assert Image.open(io.BytesIO(clean_image(plain.getvalue(), max_side=500))).size == (500, 375)
    assert Image.open(io.BytesIO(clean_image(picture(size=(30, 20))))).size == (30, 20)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("JPEG", "L"), ("JPEG", "CMYK"), ("PNG", "1"), ("PNG", "P"), ("PNG", "I;16"), ("PNG", "LA"), ("WEBP", "RGBA")],
)
def test_every_kind_of_colour_passes(kind, mode):
    out = io.BytesIO()
    Image.new(mode, (20, 10)).save(out, kind)
    assert Image.open(io.BytesIO(clean_image(out.getvalue()))).size == (20, 10)


def bomb(side: int) -> bytes:
    """A PNG of side x side pixels in a few hundred bytes of promise."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 90_001)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [9_000, 30_000, 2_000_000])
def test_a_bomb_is_refused_before_it_is_unpacked(side):
    with pytest.raises(Refused, match="照片太大"):
        clean_image(bomb(side))


def test_what_is_no_picture_is_refused():
    with pytest.raises(Refused, match="不是照片"):
        clean_image(b"%PDF-1.7")


def test_broken_pictures_end_in_a_picture_or_a_sentence():
    dice = random.Random(3)
    for number in range(60):
        content = bytearray(picture(("JPEG", "PNG", "WEBP")[number % 3]))
        for _ in range(dice.choice((1, 10, 100))):
            content[dice.randrange(4, len(content))] = dice.randrange(256)
        if number % 4 == 0:
            del content[dice.randrange(20, len(content)) :]
        try:
            assert clean_image(bytes(content))
        except Refused as refusal:
            assert str(refusal).endswith("。")
