"""From a folder or a zip to plain data with line numbers: size limits, YAML without tricks, JSON Schema in Chinese."""

from __future__ import annotations

import difflib
import hashlib
import io
import json
import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.constructor import RoundTripConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent, DocumentStartEvent, NodeEvent, ScalarEvent

from bangfu.policy.faults import sentences, why_unreadable
from bangfu.policy.problems import BadPack, Problem

SCHEMAS = Path(__file__).parent / "schema"
PARTS = ("pack", "parameters", "derived", "classes", "programmes", "procedure", "evidence", "money")
NAME = re.compile(
    r"(?:base/[a-z][a-z0-9-]{0,39}/)?"
    rf"(?:(?:{'|'.join(PARTS)})\.yaml|regulation\.md|README\.md|(?:examples|plans)/[A-Za-z0-9._-]{{1,60}}\.yaml)"
)
MAX_PARENTS = 5
MAX_FILES = 200
MAX_FILE_BYTES = 1_000_000
MAX_BYTES = 5_000_000
MAX_DEPTH = 24
MAX_NODES = 20_000  # of one file; the largest regulation that we know has about 2,000
MAX_TEXT = 20_000  # signs of one value or one line


@dataclass(frozen=True)
class Sheet:
    """One YAML file: plain values (days as ISO texts), and the tree that knows its lines."""

    file: str
    data: Any
    marked: Any

    def line(self, path: tuple[Any, ...] = ()) -> int:
        """The line (from 1) of what stands at `path`, or of the nearest thing above it."""
        node, line = self.marked, 1
        for step in path:
            try:
                if isinstance(node, CommentedMap) and step in node:
                    line = node.lc.key(step)[0] + 1
                elif isinstance(node, CommentedSeq):
                    line = node.lc.item(step)[0] + 1
                else:
                    break
                node = node[step]
            except (KeyError, IndexError, TypeError, AttributeError):
                break
        return line

    def place(self, path: tuple[Any, ...] = ()) -> tuple[str, int]:
        """The file and the line."""
        return self.file, self.line(path)


@dataclass
class Source:
    """The files of a pack by name, and what was found wrong while reading them."""

    files: Mapping[str, bytes]
    problems: list[Problem] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)  # files that are there and cannot be used: their names are not missed elsewhere

    def blame(self, file: str, line: int, sentence: str, clause: str = "") -> None:
        self.problems.append(Problem(file, line, clause, sentence))


def read_files(source: Path | bytes) -> Source:
    """The files of a folder or a zip. Raises BadPack when it is neither, too big, or holds names that have no place."""
    found = _from_zip(source) if isinstance(source, bytes) else _from_folder(Path(source))
    if "pack.yaml" not in found.files and not any(problem.file == "pack.yaml" for problem in found.problems):
        raise BadPack([_no_head(None if isinstance(source, bytes) else Path(source))])
    if any(problem.file == "pack.yaml" and not problem.line for problem in found.problems):
        raise BadPack(found.problems)
    _bring_parents(found, None if isinstance(source, bytes) else Path(source))
    return found


def _no_head(folder: Path | None) -> Problem:
    """Not a pack at all; perhaps the folder that packs lie in."""
    inside = sorted(path.parent.name for path in folder.glob("*/pack.yaml"))[:3] if folder is not None else []
    sentence = _("没有 pack.yaml。每个办法包都要有它，写明代号、名称和生效日期。")
    if inside:
        sentence += _("下一级里有办法包：%(names)s 等，请指到其中一个。") % {"names": "、".join(inside)}
    return Problem("pack.yaml", 0, "", sentence)


def _bring_parents(found: Source, folder: Path | None) -> None:
    """A pack holds those it extends under base/ID/; a folder may have them beside it, then they are brought in."""
    at, seen = "", [""]
    for _level in range(MAX_PARENTS + 1):
        sheet = _load(Source({}), f"{at}pack.yaml", found.files[f"{at}pack.yaml"].decode("utf-8-sig", "replace"))
        parent = sheet.data.get("extends") if sheet is not None and isinstance(sheet.data, dict) else None
        if not isinstance(parent, str) or not re.fullmatch(r"[a-z][a-z0-9-]{0,39}", parent) or parent in seen:
            return  # none, or the schema or `inherit.stack` says what is wrong with it
        assert sheet is not None
        if parent == sheet.data.get("id"):
            return  # a circle: inherit.stack says so
        base = f"base/{parent}/"
        if f"{base}pack.yaml" not in found.files:
            beside = folder.resolve().parent / parent if folder is not None else None
            if beside is None or not (beside / "pack.yaml").is_file():
                assert sheet is not None
                found.blame(sheet.file if not at else f"{at}pack.yaml", sheet.line(("extends",)),
                            _("找不到上位办法“%(id)s”。请把它放在 base/%(id)s/ 里，或放在同一个文件夹旁边。") % {"id": parent})  # fmt: skip
                return
            other = _from_folder(beside)
            found.problems += [Problem(base + one.file, one.line, one.clause, one.sentence) for one in other.problems]
            found.files = {
                **found.files,
                **{base + name: content for name, content in other.files.items() if not name.startswith("base/")},
            }
            nested = {name: content for name, content in other.files.items() if name.startswith("base/")}
            found.files = {**nested, **found.files}
        at = base
        seen.append(parent)
    found.blame("pack.yaml", 0, _("上位办法一层套一层，最多 %(n)d 层。") % {"n": MAX_PARENTS})


def _from_folder(folder: Path) -> Source:
    if not folder.is_dir():
        raise BadPack([Problem(str(folder), 0, "", _("找不到这个文件夹。请核对路径。"))])
    found = Source({})
    files: dict[str, bytes] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or any(part.startswith(".") for part in name.split("/")):
            continue
        if not NAME.fullmatch(name):
            found.blame(name, 0, _no_place(name))
            continue
        try:
            if not path.is_file():  # a link into nowhere, a pipe that nobody ever writes to
                found.blame(name, 0, _("这不是普通文件，读不了。请换成文件本身。"))
            elif path.stat().st_size > MAX_FILE_BYTES or len(files) >= MAX_FILES:
                found.blame(name, 0, _("文件太大或太多：每个最多 1 MB，最多 200 个。请拆小。"))
            else:
                files[name] = path.read_bytes()
        except OSError as wrong:
            found.blame(name, 0, _("文件读不了（%(why)s）。请检查它的权限。") % {"why": wrong.strerror or wrong})
    found.files = files
    return found


def _from_zip(content: bytes) -> Source:
    bad = Problem("zip", 0, "", _("这不是办法包的 zip 文件，或者已损坏。请重新导出。"))
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError) as wrong:
        raise BadPack([bad]) from wrong
    entries = [entry for entry in archive.infolist() if not entry.is_dir() and not _is_litter(entry.filename)]
    _lift_out_of_folder(entries)
    if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
        raise BadPack([Problem("zip", 0, "", _("办法包太大：最多 200 个文件，共 5 MB。"))])
    found = Source({})
    files: dict[str, bytes] = {}
    for entry in sorted(entries, key=lambda entry: entry.filename):
        if not NAME.fullmatch(entry.filename):
            found.blame(_printable(entry.filename[:80]), 0, _no_place(entry.filename))
            continue
        if entry.filename in files:
            found.blame(entry.filename, 0, _("zip 里有两个同名文件。请留一个。"))
            continue
        try:
            with archive.open(entry) as stream:
                files[entry.filename] = stream.read(MAX_FILE_BYTES + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, OSError, EOFError, ValueError) as wrong:
            raise BadPack([bad]) from wrong
        if len(files[entry.filename]) > MAX_FILE_BYTES:
            raise BadPack([Problem(entry.filename, 0, "", _("文件太大：每个最多 1 MB。请拆小。"))])
    found.files = files
    return found


def _no_place(name: str) -> str:
    """Why a file may not lie in a pack, with the name it may have meant."""
    base = name.rpartition("/")[2]
    stem = base.rpartition(".")[0]
    if base.endswith(".yml"):
        return _("后缀要写 .yaml。请改名为 %(name)s.yaml。") % {"name": stem}
    near = difflib.get_close_matches(base, [f"{part}.yaml" for part in PARTS] + ["regulation.md"], 1, 0.75)
    if near and near[0] != base:
        return _("办法包里没有这种文件。您是不是要写 %(name)s？") % {"name": near[0]}
    return _(
        "办法包里没有这种文件。可以有 %(all)s、regulation.md、README.md，以及 plans/ 和 examples/ 里的 .yaml。请改名或拿走。"
    ) % {"all": "、".join(f"{part}.yaml" for part in PARTS)}


def _printable(name: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in name)


def _is_litter(name: str) -> bool:
    """What file managers leave in a zip."""
    return name.startswith("__MACOSX/") or name.rpartition("/")[2] in (".DS_Store", "Thumbs.db", "desktop.ini")


def _lift_out_of_folder(entries: list[zipfile.ZipInfo]) -> None:
    """A zip made of the folder itself holds everything one level down."""
    names = [entry.filename for entry in entries]
    top = names[0].partition("/")[0] + "/" if names else ""
    if "pack.yaml" not in names and f"{top}pack.yaml" in names and all(name.startswith(top) for name in names):
        for entry in entries:
            entry.filename = entry.filename.removeprefix(top)


def to_zip(files: Mapping[str, bytes]) -> bytes:
    """The same files always give the same bytes: sorted, stored, one fixed time."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, files[name])
    return buffer.getvalue()


def folder_bytes(folder: Path) -> bytes:
    """A pack's folder as the zip that is kept in `policy.Version`. Raises BadPack."""
    found = read_files(Path(folder))
    if found.problems:
        raise BadPack(found.problems)
    return to_zip(found.files)


def sha256_of(files: Mapping[str, bytes]) -> str:
    """The pack's fingerprint: of its zip as `to_zip` writes it, so that a folder and its zip agree."""
    return hashlib.sha256(to_zip(files)).hexdigest()


def read_text(found: Source, file: str) -> str:
    """One file as text; empty when it is absent, or not UTF-8 (that is blamed)."""
    try:
        return found.files.get(file, b"").decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as wrong:
        line = found.files[file].count(b"\n", 0, wrong.start) + 1
        found.blame(file, line, _("从这一行起不是 UTF-8 编码（可能是 GB18030）。请用“另存为”选 UTF-8。"))
        found.lost.add(file)
        return ""


def read_sheet(found: Source, file: str, schema: str) -> Sheet | None:
    """One YAML file checked against its schema; None when it is absent or cannot be used (the reason is in `problems`)."""
    if file not in found.files:
        return None
    text = read_text(found, file)
    sheet = _load(found, file, text) if file not in found.lost else None
    if sheet is None:
        found.lost.add(file)
        return None
    wrong = sorted(_validator(schema).iter_errors(sheet.data), key=lambda error: [str(step) for step in error.absolute_path])
    for error in wrong:
        for path, sentence in sentences(error, sheet.data):
            found.blame(file, sheet.line(path), sentence, _clause_at(sheet.data, path))
    if wrong:
        found.lost.add(file)
    return None if wrong else sheet


class _Days(RoundTripConstructor):
    """Days stay the text that was written, so that an impossible one can be named with its line."""


_Days.add_constructor("tag:yaml.org,2002:timestamp", lambda self, node: node.value)


def _load(found: Source, file: str, text: str) -> Sheet | None:
    try:
        trick = _trick(text)
        if trick:
            found.blame(file, *trick)
            return None
        reader = YAML(typ="rt", pure=True)
        reader.Constructor = _Days
        marked = reader.load(text)
        return Sheet(file, _plain(marked), marked)
    except MarkedYAMLError as wrong:
        found.blame(file, *why_unreadable(text, wrong))
    except (YAMLError, RecursionError, ValueError, TypeError):
        found.blame(file, 0, _("文件读不懂，或层次太多。请检查缩进和引号。"))
    return None


#: Signs that nobody sees and that make one thing look like another: controls, direction marks, zero-width, half characters.
_UNSEEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f\x80-\x84\x86-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufffe\uffff\ud800-\udfff]"
)
_LONG_NUMBER = re.compile(r"[-+]?[0-9_]{20,}")


def _unseen(text: str) -> str:
    match = _UNSEEN.search(text)
    if match is None:
        return ""
    return _("有看不见的字符（U+%(code)04X）。请删去重打这几个字。") % {"code": ord(match[0])}


def _trick(text: str) -> tuple[int, str] | None:
    """(line, sentence) of the first thing that no regulation needs: references, types, endless nesting, endless texts.

    Read as a stream, so that a file made to exhaust the reader ends at its 25th bracket.
    """
    for number, line in enumerate(text.split("\n"), 1):
        if len(line) > MAX_TEXT:
            return number, _("这一行有 %(n)d 个字，太长了。请分成几行或几项。") % {"n": len(line)}
        if unseen := _unseen(line.rstrip("\r")):
            return number, unseen
    depth = nodes = documents = 0
    for event in YAML(typ="rt", pure=True).parse(text):
        line_no = event.start_mark.line + 1
        documents += isinstance(event, DocumentStartEvent)
        if documents > 1:
            return line_no, _("一个文件里不能用 --- 分成几份。请合成一份，或分成几个文件。")
        if isinstance(event, AliasEvent) or (isinstance(event, NodeEvent) and event.anchor):
            return line_no, _("不能用 & 和 * 引用。请把内容写全。")
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) not in ("None", "", "!"):
            return line_no, _("不能用 ! 标记类型。请去掉 !。")
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        nodes += isinstance(event, NodeEvent)
        if depth > MAX_DEPTH:
            return line_no, _("套了 %(n)d 层以上，太深了。请拆开写。") % {"n": MAX_DEPTH}
        if nodes > MAX_NODES:
            return line_no, _("这个文件的内容超过 %(n)d 项，太多了。请拆成几个文件。") % {"n": MAX_NODES}
        if isinstance(event, ScalarEvent):
            if len(event.value) > MAX_TEXT:
                return line_no, _("这一段文字有 %(n)d 个字，太长了。请拆开写。") % {"n": len(event.value)}
            if event.style is None and _LONG_NUMBER.fullmatch(event.value):
                return line_no, _("“%(got)s…”这个数太大。请核对；如果是编号，要加引号。") % {"got": event.value[:12]}
            if event.style is None and event.value == "<<":
                return line_no, _("不能用 << 合并。请把内容写全。")
            if event.style == '"' and (unseen := _unseen(event.value)):  # written as \\u202e; the reader marks folds by \\a itself
                return line_no, unseen
    return None


def _plain(value: Any, depth: int = 0) -> Any:
    if depth > MAX_DEPTH:
        raise ValueError("too deep")
    if isinstance(value, dict):
        return {key if isinstance(key, int) else str(key): _plain(item, depth + 1) for key, item in value.items()}
    if isinstance(value, list):
        return [_plain(item, depth + 1) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else str(value)


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator(json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8")))


def _clause_at(data: Any, path: tuple[Any, ...]) -> str:
    """The clause of the nearest rule around a fault."""
    clause = ""
    for step in (*path, None):
        if isinstance(data, dict) and isinstance(data.get("clause"), str):
            clause = data["clause"]
        try:
            data = data[step]
        except (KeyError, IndexError, TypeError):
            break
    return clause
