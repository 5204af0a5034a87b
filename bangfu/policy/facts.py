"""Read the plain facts of one household: checked names and types, days as ordinals, what is null left out as missing.

    {"household_size": 3, "annual_income_fen": 3672000, "members": [{"relation": "self", …}], "payments": [],
     "sources": {"annual_income_fen": "近 12 个月工资流水"}}

A list that is absent is unknown; an empty list says "none". Facts hold numbers, codes and days only.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused
from bangfu.policy.figures import Value
from bangfu.policy.vocabulary import ENTITY_OF_LIST, LISTS, Fact, Vocabulary

MAX_ROWS = 1000
MAX_BYTES = 5_000_000
_CODE = re.compile(r"[A-Za-z0-9_.-]{1,40}")
_PATH = re.compile(r"[A-Za-z0-9_.-]{1,40}(?:/[A-Za-z0-9_.-]{1,40}){0,19}")
_NUMBER_OF_A_PAPER = re.compile(r"\d{9,}")


class BadFacts(Refused):
    """Facts that no rule could read; the message names each one."""


@dataclass(frozen=True)
class Facts:
    """What is known: `known` of the household, `lists` of its members, months …; `sources` names the paper behind a fact."""

    known: Mapping[str, Value]
    lists: Mapping[str, tuple[Mapping[str, Value], ...]]
    sources: Mapping[str, str]

    def source_of(self, path: str) -> str:
        """The document that a fact came from: its own, or that of its whole list."""
        return self.sources.get(path) or self.sources.get(path.partition("[")[0], "")


def canonical(raw: Mapping[str, Any]) -> str:
    """Facts as the text that is frozen in an assessment: sorted keys, no blanks, whole numbers only."""
    return json.dumps(raw, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def read_facts(raw: Mapping[str, Any], vocabulary: Vocabulary) -> Facts:
    """Check facts against the vocabulary. Raises BadFacts with one line for each fault."""
    faults: list[str] = []
    if not isinstance(raw, Mapping):
        raise BadFacts(_("事实要写成“名称: 值”的一组。"))
    known: dict[str, Value] = {}
    lists: dict[str, tuple[Mapping[str, Value], ...]] = {}
    for name, value in raw.items():
        if name == "sources":
            continue
        if name in ENTITY_OF_LIST:
            if value is not None:
                lists[name] = tuple(_rows(name, value, vocabulary, faults))
            continue
        read = _one(name, value, "household", vocabulary, faults, name)
        if read is not None:
            known[name] = read
    sources = raw.get("sources") or {}
    if not isinstance(sources, Mapping) or not all(isinstance(text, str) for text in sources.values()):
        faults.append(_("sources 要写成“名称: 材料名”。"))
        sources = {}
    for path, text in sources.items():
        if _NUMBER_OF_A_PAPER.search(text) or len(text) > 100:
            faults.append(_("sources 的“%(path)s”：材料名里不能有证件号、卡号、电话，最多 100 字。") % {"path": str(path)[:60]})
    if faults:
        raise BadFacts("\n".join(faults))
    return Facts(MappingProxyType(known), MappingProxyType(lists), MappingProxyType(dict(sources)))


def _rows(name: str, value: Any, vocabulary: Vocabulary, faults: list[str]) -> Iterable[Mapping[str, Value]]:
    if not isinstance(value, (list, tuple)) or len(value) > MAX_ROWS:
        faults.append(_("%(name)s 要写成一个列表，最多 %(max)d 行。") % {"name": name, "max": MAX_ROWS})
        return
    for place, row in enumerate(value):
        if not isinstance(row, Mapping):
            faults.append(_("%(name)s 的第 %(n)d 行要写成“名称: 值”的一组。") % {"name": name, "n": place + 1})
            continue
        found = {}
        for key, item in row.items():
            read = _one(key, item, ENTITY_OF_LIST[name], vocabulary, faults, f"{name}[{place}].{key}")
            if read is not None:
                found[key] = read
        yield found


def _one(name: Any, value: Any, entity: str, vocabulary: Vocabulary, faults: list[str], path: str) -> Value | None:
    fact = vocabulary.get(str(name))
    if fact is None or fact.entity != entity:
        faults.append(_no_name(str(name), fact, vocabulary, path[:80]))
        return None
    if value is None:
        return None
    try:
        return typed(fact, value)
    except ValueError as wrong:
        faults.append(f"{path}：{wrong}")
        return None


def _no_name(name: str, fact: Fact | None, vocabulary: Vocabulary, path: str) -> str:
    """Why a name may not stand there: it belongs elsewhere, is mistyped, or is no fact at all."""
    if fact is not None:
        where = _("最外层") if fact.entity == "household" else _("%(list)s 的每一行里") % {"list": LISTS[fact.entity]}
        return _("“%(path)s”写错了地方：%(title)s要写在%(where)s。") % {"path": path, "title": fact.title, "where": where}
    near = difflib.get_close_matches(name, [*vocabulary.facts, *ENTITY_OF_LIST], 1, 0.6)
    if near:
        return _("没有名称“%(path)s”。您是不是要写“%(near)s”？") % {"path": path, "near": near[0]}
    return _("没有名称“%(path)s”。可用的名称见 bangfu policy facts。") % {"path": path}


def facts_from(content: bytes) -> dict[str, Any]:
    """A facts file as a mapping. Raises BadFacts for what is no JSON, says a thing twice, or is made to exhaust the reader."""
    if len(content) > MAX_BYTES:
        raise BadFacts(_("事实文件太大，最多 5 MB。请只写一户。"))
    try:
        raw = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_int=_whole)
    except UnicodeDecodeError as wrong:
        line = content.count(b"\n", 0, wrong.start) + 1
        raise BadFacts(_("第 %(line)d 行起不是 UTF-8 编码（可能是 GB18030）。请另存为 UTF-8。") % {"line": line}) from wrong
    except json.JSONDecodeError as wrong:
        place = {"line": wrong.lineno, "col": wrong.colno}
        raise BadFacts(_("不是 JSON：第 %(line)d 行第 %(col)d 个字符附近读不懂。请检查引号、逗号和括号。") % place) from wrong
    except RecursionError as wrong:
        raise BadFacts(_("括号套得太深。请按一户的事实来写。")) from wrong
    if not isinstance(raw, dict):
        raise BadFacts(_('事实要写成“名称: 值”的一组，例如 {"household_size": 3}。'))
    return raw


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise BadFacts(_("“%(name)s”写了两次。请删去一个。") % {"name": name[:40]})
        found[name] = value
    return found


def _whole(text: str) -> int:
    if len(text) > 20:
        raise BadFacts(_("“%(text)s…”这个数太大。请核对；如果是编号，要加引号。") % {"text": text[:12]})
    return int(text)


def typed(fact: Fact, value: Any) -> Value:
    """One value as the rules keep it; raises ValueError with a Chinese sentence."""
    match fact.type:
        case "bool":
            if not isinstance(value, bool):
                raise ValueError(_("要写 true 或 false。"))
            return value
        case "code":
            if fact.name == "unit_path" and isinstance(value, str) and _PATH.fullmatch(value):
                return value
            if isinstance(value, int) and not isinstance(value, bool):
                raise ValueError(
                    _("是编码，数字要加引号，写成 '%(value)d'。") % {"value": value} if value < 10**20 else _("数太大。请核对。")
                )
            if not isinstance(value, str) or (not fact.codes and not _CODE.fullmatch(value)):
                raise ValueError(_("代码只用字母、数字、点、下划线和连字符，最多 40 个。"))
            if fact.codes and value not in fact.codes:
                raise ValueError(_("没有代码“%(value)s”，可用的有：%(all)s。") % {"value": value, "all": "、".join(fact.codes)})
            return value
        case "date":
            try:
                return date.fromisoformat(value).toordinal()
            except (ValueError, TypeError) as wrong:
                raise ValueError(_("要写日期，例如 2017-03-01。")) from wrong
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(_("要写整数（金额以分计），不能带小数。"))
    if (fact.low is not None and value < fact.low) or (fact.high is not None and value > fact.high) or abs(value) > 10**15:
        raise ValueError(_("写的是 %(value)d，超出范围。请核对。") % {"value": max(min(value, 10**16), -(10**16))})
    return value
