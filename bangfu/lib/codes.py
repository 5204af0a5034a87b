"""The code lists of the official forms, each with its origin in codelists.json. Stored is the code, shown is the word."""

import json
import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("codelists.json")

# What people write in rosters for an entry that is worded otherwise on the form.
_ALSO = {
    "sex": {"男性": "1", "女性": "2", "M": "1", "F": "2"},
    "marital_form": {"离婚": "3", "离异未再婚": "3", "初婚": "2", "再婚": "2", "复婚": "2", "单身": "1"},
    "family_relation": {
        "户主本人": "01", "职工本人": "01", "丈夫": "11", "妻子": "12", "爱人": "10", "儿子": "20", "女儿": "30", "孩子": "20",
        "父": "51", "爸爸": "51", "母": "52", "妈妈": "52", "孙": "41", "外孙": "43", "儿媳妇": "38", "养子": "27", "继子": "27",
        "养女": "37", "继女": "37", "继父": "57", "养父": "57", "继母": "58", "养母": "58",
    },
    "political_form": {"党员": "1", "中共预备党员": "1", "团员": "2", "一般群众": "3"},
    "health_form": {"健康": "1", "良": "1", "癌症": "2", "尿毒症": "5", "一般": "14"},
    "work_status": {"在职": "1", "下岗": "2", "待岗": "2", "失业": "3", "无业": "3", "农民工(在岗)": "8"},
    "model_worker": {"无": "0", "否": "0"},
    "house_type": {"商品房": "3", "自购房": "3", "廉租房": "2", "公租房": "2"},
    "hukou": {"城镇": "0", "非农": "0", "农村": "1"},
}  # fmt: skip


@dataclass(frozen=True)
class CodeList:
    """One list: its name, the standard or form it comes from, where it was seen, and its entries as printed."""

    name: str
    standard: str
    origin: str
    items: tuple[dict[str, Any], ...]
    note: str = ""


@lru_cache(maxsize=1)
def _lists() -> dict[str, CodeList]:
    raw = json.loads(_FILE.read_text(encoding="utf-8"))
    return {name: CodeList(**{**entry, "items": tuple(entry["items"])}) for name, entry in raw.items()}


def list_names() -> list[str]:
    return list(_lists())


def codelist(list_name: str) -> CodeList:
    """The list with its origin. Raises KeyError for an unknown list: that is a slip in the code, not of the user."""
    return _lists()[list_name]


def choices(list_name: str) -> list[tuple[str, str]]:
    """(code, word) in the order of the form, for a field's or a select's choices."""
    return [(item["code"], item["zh"]) for item in codelist(list_name).items]


def label(list_name: str, code: str | None) -> str:
    """The word for a code; an unknown code is shown as it is, so that old data stays legible."""
    return _words(list_name).get(code or "", code or "")


@lru_cache(maxsize=64)
def _words(list_name: str) -> dict[str, str]:
    return dict(choices(list_name))


def code_of(list_name: str, text: object) -> str | None:
    """The code for what somebody wrote: the word, the word without its bracket or ending, a usual synonym, or the code.

    None when nothing fits or two entries would; the caller words the refusal with `choices`.
    """
    return _index(list_name).get(_plain(text))


@lru_cache(maxsize=64)
def _index(list_name: str) -> dict[str, str | None]:
    """From the weakest reading to the strongest: code, shortened word, synonym, the word itself."""
    index: dict[str, str | None] = {}
    for forms_of in (_code_forms, _shorter):
        found: dict[str, str | None] = {}
        for code, word in choices(list_name):
            for form in forms_of(code, word):
                found[form] = code if found.get(form, code) == code else None
        index.update(found)
    index.update({_plain(word): code for word, code in _ALSO.get(list_name, {}).items()})
    index.update({_plain(word): code for code, word in choices(list_name)})
    return index


def _shorter(code: str, word: str) -> set[str]:
    """一级(极重度) is written 一级, 汉族 汉, 肢体残疾 肢体, 脱困:… 脱困."""
    plain = _plain(word)
    bare = re.sub(r"\(.*?\)", "", plain)
    head = re.split(r"[:;]", bare)[0]
    forms = {bare, head}
    forms |= {form.removesuffix(end) for form in (bare, head) for end in ("族", "残疾", "级", "救助") if len(form) > len(end)}
    forms |= set(bare.split("/")) if "/" in bare else set()
    return {form for form in forms if form}


def _code_forms(code: str, word: str) -> set[str]:
    return {code.upper(), code.lstrip("0") or "0"}


def _plain(text: object) -> str:
    """Half-width, no blanks, upper-case; 3.0 from a spreadsheet is 3."""
    if isinstance(text, float) and text.is_integer():
        text = int(text)
    plain = unicodedata.normalize("NFKC", "" if text is None else str(text)).upper()
    return "".join(plain.split())
