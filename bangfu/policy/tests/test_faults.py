"""A pack with a slip gets one sentence that names file, line, clause and remedy — for every slip that we could think of."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest

from bangfu.policy.examples import check

HEAD = "id: t\ntitle: 测试办法\nissuer: 某工会\nvalid_from: 2024-01-01\n"
PARAMETERS = "line:\n  title: 低保线\n  clause: 一\n  unit: fen\n  values:\n    - {from: 2024-01-01, value: 900元}\n"
PROGRAMMES = """programmes:
  - id: a
    title: 救助
    clause: 一
    fund: f
    procedure: p
    requires:
      - {clause: 一, text: 低于低保线, when: annual_income_fen <= $line * household_size * 12}
    amount: {kind: fixed, clause: 一, text: 一千, value: $line}
"""
P, Q = "parameters.yaml", "programmes.yaml"

#: file, what stands there, what is written instead, line and clause, words of the sentence
SLIPS = [
    (P, "  clause", "   clause", ":3:", "缩进"),
    (P, "  clause", "\tclause", ":3:", "制表符"),
    (Q, "    fund: f", "\u3000\u3000fund: f", ":5:", "全角空格"),
    (Q, "title: 救助", "title：救助", ":3:", "全角冒号"),
    (Q, "title: 救助", "title: 救助: 大病", ":3:", "加上引号"),
    (Q, "title: 救助", 'title: "救助', ":3:", "引号没有成对"),
    (Q, "    fund: f", "    fund: f\n    fund: g", ":6:", "“fund”写了两次"),
    (Q, "    fund: f", "    fund: f\n    <<: {fund: g}", ":6:", "<<"),
    (Q, "    fund: f", "    fond: f", ":5 一:", "您是不是要写 fund"),
    (Q, "kind: fixed", "kind: fixd", ":9 一:", "您是不是要写 fixed"),
    (Q, ", when: annual_income_fen <= $line * household_size * 12", "", ":8 一:", "“requires”第 1 项里少了“when”"),
    (Q, "value: $line", "value: null", ":9 一:", "没有值"),
    (Q, "annual_income_fen", "anual_income_fen", ":8 一:", "您是不是要写“annual_income_fen”"),
    (Q, "household_size", "hоusehold_size", ":8 一:", "不是英文字母"),
    (Q, "<=", "≤", ":8 一:", "请改成“<=”"),
    (Q, "annual_income_fen", "享受低保 and annual_income_fen", ":8 一:", "has_dibao"),
    (Q, "annual_income_fen", "main_cause = ‘illness’ and annual_income_fen", ":8 一:", "半角单引号"),
    (Q, "annual_income_fen", "1 < household_size < 3 and annual_income_fen", ":8 一:", "between"),
    (Q, "annual_income_fen", "has_dibao = 1 and annual_income_fen", ":8 一:", "not has_dibao"),
    (Q, "annual_income_fen", "has_dibao && annual_income_fen", ":8 一:", "and、or、not"),
    (Q, "$line * household_size * 12", "$lin", ":8 一:", "您是不是要写 $line"),
    (Q, "* 12", "* 40%", ":8 一:", "permille"),
    (Q, "* 12", "* 1.5", ":8 一:", "1.5倍"),
    (Q, "title: 救助", 'title: "\\ud800"', ":3:", "看不见"),
    (P, "低保线", "低\u202e保线", ":2:", "看不见"),
    (P, "line:", "低保线:", ":1 一:", "title"),
    (P, "900元", "9" * 400, ":6:", "太大"),
    (P, "900元", "900.5", ":6 一:", "900.5元"),
    (
        P,
        "unit: fen\n  values:\n    - {from: 2024-01-01, value: 900元}",
        "unit: permille\n  values:\n    - {from: 2024-01-01, value: 33.33%}",
        ":6 一:",
        "千分之一",
    ),
    (P, "900元", "-5", ":6 一:", "不能小于 0"),
    (P, "900元", "900元, where: {area_code: 530100}", ":6 一:", "'530100'"),
    (P, "    - {from", "    - {from: 2024-01-01, value: 1元}\n    - {from", ":7 一:", "同一天"),
    ("pack.yaml", "2024-01-01", "20240101", ":4:", "2017-03-01"),
    ("pack.yaml", "2024-01-01", "2024-02-30", ":4:", "不是存在的日期"),
    ("pack.yaml", "title:", "extends: t\ntitle:", ":2:", "绕成了圈"),
]


def write(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def good() -> dict[str, str | bytes]:
    return {"pack.yaml": HEAD, P: PARAMETERS, Q: PROGRAMMES}


def sentences(source: Path | bytes) -> list[str]:
    return [str(problem) for problem in check(source)[1]]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip[2][:20]!a}")
def test_a_slip_names_file_line_clause_and_remedy(tmp_path: Path, slip: tuple[str, str, str, str, str]) -> None:
    file, old, new, place, words = slip
    files = good()
    assert old in str(files[file])
    files[file] = str(files[file]).replace(old, new, 1).encode("utf-8", "surrogatepass")
    found = sentences(write(tmp_path, files))
    assert any(line.startswith(file + place) and words in line for line in found), found


def test_a_file_that_cannot_be_read_is_blamed_once_and_what_it_defines_is_not_missed(tmp_path: Path) -> None:
    found = sentences(write(tmp_path, {**good(), P: PARAMETERS.encode("gb18030")}))
    assert len(found) == 1 and found[0].startswith("parameters.yaml:2:") and "UTF-8" in found[0]


def test_a_table_of_a_lost_file_is_not_missed_in_an_amount(tmp_path: Path) -> None:
    amount = "amount: {kind: table, clause: 一, text: 按表, table: $rows, key: main_cause}"
    files = {**good(), Q: PROGRAMMES.replace("amount: {kind: fixed, clause: 一, text: 一千, value: $line}", amount), P: "- a\n"}
    found = sentences(write(tmp_path, files))
    assert len(found) == 1 and found[0].startswith("parameters.yaml:1:")


def test_a_regulation_in_another_encoding_is_said_and_not_read_as_nonsense(tmp_path: Path) -> None:
    found = sentences(write(tmp_path, {**good(), "regulation.md": "低保线 {#一}\n".encode("gb18030")}))
    assert len(found) == 1 and found[0].startswith("regulation.md:1:")


def test_a_mark_at_the_start_of_the_file_and_line_ends_of_windows_do_no_harm(tmp_path: Path) -> None:
    files = {**good(), P: b"\xef\xbb\xbf" + PARAMETERS.replace("\n", "\r\n").encode()}
    assert sentences(write(tmp_path, files)) == []


def test_sums_are_written_as_people_write_them(tmp_path: Path) -> None:
    files = {**good(), P: PARAMETERS.replace("900元", "1.5万元")}
    pack, problems = check(write(tmp_path, files))
    assert not problems and pack is not None
    assert pack.parameters["line"].entries[0].value == 1_500_000
    files[P] = PARAMETERS.replace("900元", "1.2亿元")
    pack, problems = check(write(tmp_path, files))
    assert not problems and pack is not None and pack.parameters["line"].entries[0].value == 12_000_000_000


def test_a_pipe_and_a_link_into_nowhere_do_not_hang(tmp_path: Path) -> None:
    write(tmp_path, good())
    os.mkfifo(tmp_path / "money.yaml")
    (tmp_path / "evidence.yaml").symlink_to(tmp_path / "nowhere.yaml")
    found = sentences(tmp_path)
    assert [line.partition(":")[0] for line in found] == ["evidence.yaml", "money.yaml"]


def test_the_folder_that_packs_lie_in_is_told_from_a_pack(tmp_path: Path) -> None:
    (tmp_path / "ours").mkdir()
    write(tmp_path / "ours", good())
    (line,) = sentences(tmp_path)
    assert "没有 pack.yaml" in line and "ours" in line


def test_a_wrong_suffix_and_a_near_name_are_told(tmp_path: Path) -> None:
    found = sentences(write(tmp_path, {**good(), "money.yml": "a: 1", "programme.yaml": "a: 1"}))
    assert "money.yaml" in found[0] and "programmes.yaml" in found[1]


def test_names_in_a_zip_that_lead_elsewhere_or_stand_twice_are_refused() -> None:
    buffer = io.BytesIO()
    with pytest.warns(UserWarning), zipfile.ZipFile(buffer, "w") as archive:
        for name, content in [*good().items(), ("../evil.yaml", "a"), ("a\x1b[2J.yaml", "a"), (Q, PROGRAMMES)]:
            archive.writestr(name, content)
    found = sentences(buffer.getvalue())
    assert len(found) == 3 and any("两个同名" in line for line in found) and not any("\x1b" in line for line in found)
