"""What a fault of a file means, in words that say how to mend it: YAML that cannot be read, and what a schema refuses."""

from __future__ import annotations

import difflib
import re
from typing import Any

from django.utils.translation import gettext as _
from jsonschema.exceptions import ValidationError
from ruamel.yaml.error import MarkedYAMLError

Path = tuple[Any, ...]


def why_unreadable(text: str, wrong: MarkedYAMLError) -> tuple[int, str]:
    """(line, sentence) for a file that is no YAML: what a person most likely typed there."""
    if "duplicate key" in str(wrong.problem):
        line = wrong.problem_mark.line + 1 if wrong.problem_mark else 0
        name = re.search(r'duplicate key "([^"]*)"', str(wrong.problem))
        return line, _("同一个名称“%(name)s”写了两次。请删去一个。") % {"name": name[1] if name else ""}
    if "quoted scalar" in str(wrong.context) and wrong.context_mark is not None:
        return wrong.context_mark.line + 1, _("从这一行起引号没有成对。请补上后一个引号。")
    if wrong.problem_mark is None:
        return 0, _("文件读不懂，或层次太多。请检查缩进和引号。")
    lines = text.split("\n")
    at = min(wrong.problem_mark.line, len(lines) - 1)
    for number in (at, at - 1, at + 1):  # a line is often found wrong only on the next one
        if 0 <= number < len(lines) and (sentence := _typed_wrong(lines[number])):
            return number + 1, sentence
    if wrong.context_mark is not None and "flow" in str(wrong.context):
        return wrong.context_mark.line + 1, _("从这一行起的 { } 或 [ ] 没有成对，或中间少了逗号。请补上。")
    return at + 1, _("这一行读不懂。请检查缩进（用空格，和上下同级的行对齐）、冒号后的空格和引号。")


def _typed_wrong(line: str) -> str:
    """The usual slips of one line."""
    indent = re.match(r"[\s\u3000]*", line)
    space = indent[0] if indent else ""
    if "\t" in space:
        return _("行首用了制表符。请改成空格。")
    if space.strip(" "):
        return _("行首用了全角空格或不换行空格。请改成半角空格。")
    if re.match(r"\s*(- )?[A-Za-z_][A-Za-z0-9_]*：", line):
        return _("名称后面用了全角冒号“：”。请改成半角冒号加一个空格“: ”。")
    if re.match(r"\s*(- )?[A-Za-z_][A-Za-z0-9_]*:[^\s:]", line):
        return _("冒号后面少了空格。请写成“名称: 值”。")
    if re.match(r"\s*-[^\s-]", line):
        return _("“-”后面少了空格。请写成“- 内容”。")
    if re.match(r"\s*(- )?[A-Za-z_][A-Za-z0-9_]*: +[^'\"{\[|>#\s][^#]*: ", line):
        return _("值里有冒号和空格。请给整个值加上引号。")
    if re.match(r"\s*(- )?[A-Za-z_][A-Za-z0-9_]*: +[%@`*&!]", line):
        return _("值以特殊符号开头。请给整个值加上引号。")
    return ""


def sentences(error: ValidationError, data: Any) -> list[tuple[Path, str]]:
    """What a schema error means, in words, with the path it stands at. `data` is the whole file."""
    path = tuple(error.absolute_path)
    here = _name_of(data, path)
    named_wrong = "propertyNames" in list(error.relative_schema_path)[:-1]
    if error.validator in ("oneOf", "anyOf") and all(set(option) == {"required"} for option in error.validator_value):
        names = "、".join(str(word) for option in error.validator_value for word in option["required"])
        only = _("，也只写一项") if error.validator == "oneOf" else ""
        return [(path, _("%(here)s里要写一项%(only)s：%(names)s。") % {"here": here, "only": only, "names": names})]
    if error.context and error.validator in ("anyOf", "oneOf", "if", "allOf"):
        shapes = {inner.schema_path[0] for inner in error.context if inner.validator == "type" and not inner.path}
        fitting = [inner for inner in error.context if inner.schema_path[0] not in shapes]  # options of the shape that was written
        best = min(fitting or error.context, key=lambda inner: (inner.validator in ("type", "required"), -len(inner.absolute_path)))
        return sentences(best, data)
    value = error.validator_value
    match error.validator:
        case "required":
            return [
                (path, _("%(here)s里少了“%(name)s”。请补上。") % {"here": here, "name": name})
                for name in value
                if name not in error.instance
            ]
        case "additionalProperties":
            allowed = set(error.schema.get("properties", {}))
            extra = [name for name in error.instance if name not in allowed]
            return [((*path, name), _unknown_key(str(name), error.instance[name], allowed)) for name in extra]
        case "enum":
            words = "、".join(str(word) or "''" for word in value)
            if named_wrong:  # a key that does not go with this kind
                named = re.fullmatch(r"[a-z_]+", str(error.instance))  # else it is half a sentence: additionalProperties says so
                return [((*path, error.instance), _contrary(named[0], words))] if named else []
            if error.instance is None:
                return [(path, _type(here, error))]
            near = difflib.get_close_matches(str(error.instance), [str(word) for word in value], 1, 0.6)
            hint = _("您是不是要写 %(near)s？") % {"near": near[0]} if near else ""
            return [
                (path, _("%(here)s只能写：%(words)s。现在写的是“%(got)s”。%(hint)s")
                 % {"here": here, "got": str(error.instance)[:40], "words": words, "hint": hint})
            ]  # fmt: skip
        case "type":
            if named_wrong:
                return [((*path, error.instance), _bad_name(str(error.instance)))]
            return [(path, _type(here, error))]
        case "pattern":
            if named_wrong:
                return [((*path, error.instance), _bad_name(str(error.instance)))]
            return [(path, _pattern(here, str(value), str(error.instance)))]
        case "propertyNames":
            return [(path, _("名称只用小写字母、数字和下划线，并以字母开头。"))]
        case "minItems" | "minProperties" | "minLength":
            return [(path, _("%(here)s是空的。请写上内容，或整项删去。") % {"here": here})]
        case "maxLength":
            return [(path, _("%(here)s太长，最多 %(n)d 字。请写短一些。") % {"here": here, "n": value})]
        case "minimum":
            return [
                (
                    path,
                    _("%(here)s写的是 %(got)s，超出范围：最小是 %(n)d。")
                    % {"here": here, "got": str(error.instance)[:20], "n": value},
                )
            ]
        case "maximum":
            return [
                (
                    path,
                    _("%(here)s写的是 %(got)s，超出范围：最大是 %(n)d。")
                    % {"here": here, "got": str(error.instance)[:20], "n": value},
                )
            ]
        case "maxProperties":
            return [(path, _("%(here)s里 all、any、none 只能写一个。请分成两层。") % {"here": here})]
        case "not":
            return [(path, _("%(here)s里的项目互相矛盾：定额、公式写 value，幅度写 low 和 high。") % {"here": here})]
    return [(path, _("%(here)s写得不对。请对照办法编写说明 docs/policy.md。") % {"here": here})]


def _name_of(data: Any, path: Path) -> str:
    """What stands at the end of a path: “fund”, or “programmes”第 2 项（medical）."""
    if not path:
        return _("文件")
    if not isinstance(path[-1], int):
        return _("“%(name)s”") % {"name": path[-1]}
    row = data
    for step in path:
        row = row[step]
    name = row.get("id") or row.get("name") if isinstance(row, dict) else None
    words = {"list": next((step for step in reversed(path) if not isinstance(step, int)), ""), "n": path[-1] + 1}
    if isinstance(name, str):
        return _("“%(list)s”第 %(n)d 项（%(name)s）") % {**words, "name": name[:40]}
    return _("“%(list)s”第 %(n)d 项") % words


def _bad_name(name: str) -> str:
    return _("名称“%(name)s”不行：只用小写英文字母、数字和下划线，以字母开头，最多 40 个。中文写在 title 里。") % {
        "name": name[:40]
    }


def _type(here: str, error: ValidationError) -> str:
    """A value of the wrong type, with how to write it."""
    got = error.instance
    if isinstance(got, int | float) and "d{4}" in str(error.schema.get("pattern", "")):
        return _pattern(here, "d{4}", str(got))
    if isinstance(got, float):
        return _("%(here)s写的是 %(got)s。带小数的数要写单位，例如 900.5元、12.5%%、1.5倍；没有单位的只写整数。") % {
            "here": here, "got": got,
        }  # fmt: skip
    if got is None and not error.absolute_path:
        return _("文件是空的。请写上内容，或删去这个文件。")
    if got is None:
        return _("%(here)s后面没有值。请写上，或整项删去。") % {"here": here}
    if error.validator_value == "array" and isinstance(got, str | int):
        return _("%(here)s是名单，要写成 [%(got)s]，或每行以“-”开头。") % {"here": here, "got": str(got)[:40]}
    if error.validator_value == "string" and isinstance(got, int):
        return _("%(here)s是文字，数字要加引号，写成 '%(got)s'。") % {"here": here, "got": str(got)[:40]}
    return _("%(here)s应当是%(want)s，现在写的是“%(got)s”。请改写。") % {
        "here": here, "want": _types(error.validator_value), "got": str(got)[:40],
    }  # fmt: skip


def _contrary(name: str, words: str) -> str:
    return _("“%(name)s”和这里写的 kind 互相矛盾。这一种可以写的有：%(all)s。") % {"name": name, "all": words}


def _unknown_key(name: str, value: Any, allowed: set[str]) -> str:
    if value is None and name not in allowed:
        return _("读到“%(name)s”，但后面没有值。大括号里的文字带逗号时，要加引号。") % {"name": name}
    near = difflib.get_close_matches(name, sorted(allowed), 1, 0.6)
    hint = _("您是不是要写 %(near)s？") % {"near": near[0]} if near else ""
    return _("不认识“%(name)s”。%(hint)s可以写的有：%(all)s。") % {
        "name": name[:40], "hint": hint, "all": "、".join(sorted(allowed)),
    }  # fmt: skip


def _types(value: Any) -> str:
    words = {
        "string": _("文字"),
        "integer": _("整数"),
        "boolean": _("true 或 false"),
        "object": _("若干“名称: 值”"),
        "array": _("以“-”开头的若干项"),
        "null": _("空"),
    }
    return _("或").join(str(words.get(name, name)) for name in (value if isinstance(value, list) else [value]))


def _pattern(here: str, pattern: str, got: str) -> str:
    words = {"here": here, "got": got[:40]}
    if "d{4}" in pattern:
        return _("%(here)s要写日期，例如 2017-03-01，现在写的是“%(got)s”。") % words
    if "weeks" in pattern:
        return (
            _("%(here)s要写 week、month、quarter、half_year、year，或 2 weeks、18 months、3 years，现在写的是“%(got)s”。") % words
        )
    if "-]" in pattern:
        return _("%(here)s只用小写字母、数字和连字符，并以字母开头，最多 40 个，现在写的是“%(got)s”。") % words
    return _("%(here)s只用小写字母、数字和下划线，并以字母开头，最多 40 个，现在写的是“%(got)s”。") % words
