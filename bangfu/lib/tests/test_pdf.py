import base64
import io
import json
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from hashlib import sha256

import pytest
from PIL import Image
from pypdf import PdfReader

from bangfu.lib import money, pdf, qr


def form(**changes):
    return {
        "title": "困难职工审批表",
        "org": "开远供电公司工会",
        "number": "2026-0113",
        "footnote": "本表一式三份",
        "fields": [["姓名", "欧阳志强", "性别", "男"], ["申请理由", "妻子患病，连续透析两年。"]],
        "digits": "36,000.00",
        "in_words": money.in_words(3_600_000),
        "head": ["序号", "项目", "金额（元）", "备注"],
        "rows": [["1", "生活救助", "1,000.00", ""], ["2", "医疗救助", "35,000.00", "㛃𬱖"]],
        "total": ["", "合计", "36,000.00", ""],
        "signers": [{"role": "经办人", "name": "李静宜", "date": "2026-11-20"}, {"role": "审核人"}, {"role": "负责人"}],
        "qr": qr.svg("http://localhost:8000/check/ABCD-EFGH"),
        "code": "ABCD-EFGH",
        **changes,
    }


def text_of(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


def test_a_form_is_one_a4_page_with_embedded_fonts():
    reader = PdfReader(io.BytesIO(pdf.render("lib/specimen", form())))
    page = reader.pages[0]
    assert len(reader.pages) == 1 and [round(float(side)) for side in page.mediabox[2:]] == [595, 842]
    fonts = page["/Resources"]["/Font"].values()
    assert all("/FontFile3" in font.get_object()["/DescendantFonts"][0]["/FontDescriptor"] for font in fonts)


def test_everything_on_the_form_can_be_read():
    text = text_of(pdf.render("lib/specimen", form()))
    for words in ("困难职工审批表", "开远供电公司工会", "编号：2026-0113", "欧阳志强", "¥36,000.00", "人民币叁万陆仟元整", "㛃𬱖",
                  "盖章处", "经办人：", "李静宜", "ABCD-EFGH", "第 1 页，共 1 页", "本表一式三份"):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(
    "text",
    [
        "#let x = evil",
        '#read("/config/settings.py")',
        "$ x^2 $",
        "= 标题",
        "*粗* _斜_ `code`",
        "\\ #panic()",
        '"引号"',
        "<label> @ref",
        "// 注释",
        "#" * 50,
    ],
)
def test_nobodys_text_becomes_a_command(text):
    plain = re.sub(r"\s", "", text_of(pdf.render("lib/specimen", form(fields=[["姓名", text]]))))
    assert re.sub(r"\s", "", text) in plain


def test_the_same_data_gives_the_same_bytes_here_and_in_another_process():
    here = sha256(pdf.render("lib/specimen", form())).hexdigest()
    assert here == sha256(pdf.render("lib/specimen", form())).hexdigest()
    assert here != sha256(pdf.render("lib/specimen", form(number="2026-0114"))).hexdigest()
    code = (
        "import sys, json, hashlib, django; django.setup(); from bangfu.lib import pdf;"
        "print(hashlib.sha256(pdf.render('lib/specimen', json.load(sys.stdin))).hexdigest())"
    )
    there = subprocess.run([sys.executable, "-c", code], input=json.dumps(form()), capture_output=True, text=True, check=True)
    assert there.stdout.strip() == here


def test_the_time_of_making_is_written_when_given():
    content = pdf.render("lib/specimen", form(), at=datetime(2026, 11, 20, 2, 0, tzinfo=UTC))
    assert PdfReader(io.BytesIO(content)).metadata.creation_date == datetime(2026, 11, 20, 2, 0, tzinfo=UTC)


def test_a_long_list_runs_over_pages_with_its_head_repeated():
    rows = [[str(number), "生活救助", "1,000.00", ""] for number in range(120)]
    pages = [page.extract_text() for page in PdfReader(io.BytesIO(pdf.render("lib/specimen", form(rows=rows)))).pages]
    assert len(pages) >= 4 and all("金额（元）" in page for page in pages[:3])
    assert f"第 2 页，共 {len(pages)} 页" in pages[1]


def test_a_drawn_signature_stands_on_its_line():
    out = io.BytesIO()
    Image.new("RGBA", (300, 100), (0, 0, 0, 128)).save(out, "PNG")
    svg = pdf.picture(out.getvalue())
    assert base64.b64encode(out.getvalue()).decode() in svg and 'viewBox="0 0 300 100"' in svg
    signed = pdf.render("lib/specimen", form(signers=[{"role": "经办人", "svg": svg}]))
    assert len(list(PdfReader(io.BytesIO(signed)).pages[0].images)) > 0


def test_threads_do_not_mix_their_forms():
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda number: pdf.render("lib/specimen", form(number=f"2026-{number:04d}")), range(24)))
    assert all(f"2026-{number:04d}" in text_of(content) for number, content in enumerate(made))


@pytest.mark.parametrize("name", ["lib/nothing", "../secrets", "lib/../config/x", "lib", "/etc/passwd", "lib/form.typ", ""])
def test_only_our_own_templates_are_opened(name):
    with pytest.raises(LookupError):
        pdf.render(name, {})


def test_a_qr_code_is_one_inert_svg():
    svg = qr.svg("http://localhost:8000/check/<script>")
    assert svg.startswith("<svg ") and svg.endswith("</svg>") and "script" not in svg
