"""The params of a stage: which keys each kind of stage knows, and what may stand behind them. A wrong key is never silence."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from bangfu.access.roles import Role
from bangfu.policy.loading.desk import Desk, Place
from bangfu.policy.pack import NOTICE_PLACES
from bangfu.policy.reading import Sheet
from bangfu.policy.vocabulary import DEGREES

LEVELS = ("group", "province", "city", "nation", "provider")
#: What a notice may show; number, programme and amount always stand, a name only with its own consent.
SHOWS = ("name", "unit", "category", "programme", "amount")


@dataclass(frozen=True)
class Yes:
    """true or false."""


@dataclass(frozen=True)
class Whole:
    low: int
    high: int


@dataclass(frozen=True)
class Word:
    words: tuple[str, ...]


@dataclass(frozen=True)
class Words:
    """A list of different words."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Upwards:
    """Levels to which a case is reported: a list, one word, or a list for each degree of hardship."""


Shape = Yes | Whole | Word | Words | Upwards
_RULE = Word(("more_than", "at_least"))
_ROLES = Words(tuple(Role.values))
ALWAYS: Mapping[str, Shape] = {"confidential": Yes()}
KEYS: Mapping[str, Mapping[str, Shape]] = {
    "apply": {
        "by_clerk_for_worker": Yes(),
        "list": Yes(),
        "reception": Words(("letter", "call", "visit", "online")),
        "consents": Words(("economic_check", "health", "bank", "notice_name")),
        "places": Words(("unit", "home", "ward")),
    },
    "investigate": {
        "home_visit": Yes(),
        "visitors": Whole(1, 9),
        "five_clears": Yes(),
        "photo": Yes(),
        "asks_wish": Yes(),
        "countersign": _ROLES,
        "economic_check": Yes(),
    },
    "check": {"degrees": Words(tuple(DEGREES)), "economic_check": Yes()},
    "propose": {"list": Yes(), "to": Upwards()},
    "notice": {"channels": Words(NOTICE_PLACES), "more_channels": Yes(), "second_person": Yes(), "shows": Words(SHOWS)},
    "review": {"to": Upwards()},
    "decide": {
        "quorum_permille": Whole(1, 1000),
        "quorum_rule": _RULE,
        "majority_permille": Whole(1, 1000),
        "majority_rule": _RULE,
        "majority_of": Word(("present", "all")),
        "recusal": Words(("kin", "same_household", "same_unit")),
        "asks_again": Whole(0, 9),
    },
    "pay": {
        "signatures": Words(("payer", "payee", "witness")),
        "means": Words(("bank", "cash", "goods", "voucher", "service")),
        "to": Word(("payee", "provider", "unit")),
        "handlers_affirm": Yes(),
        "visitors": Whole(1, 9),
    },
    "follow_up": {"home_visit": Yes(), "visitors": Whole(1, 9), "photo": Yes()},
    "close": {"closing_report": Yes()},
}


def check_params(desk: Desk, sheet: Sheet, path: Place, kind: str, params: Mapping[str, Any], clause: str) -> None:
    """Blame every key that this kind of stage does not know and every value that does not fit it."""
    known = {**KEYS[kind], **ALWAYS}
    for key, value in params.items():
        shape = known.get(key)
        sentence = _unknown(kind, key, known) if shape is None else _unfit(key, shape, value)
        for place, words in sentence:
            desk.blame(sheet, (*path, key, *place), words, clause)
    shows = params.get("shows")
    if kind == "notice" and isinstance(shows, list) and not {"amount"} <= set(map(str, shows)):
        words = _("公示总要写明金额。请在 shows 里加上 amount，可以写的有：%(all)s。") % {"all": "、".join(SHOWS)}
        desk.blame(sheet, (*path, "shows"), words, clause)


Fault = tuple[Place, str]


def _unknown(kind: str, key: str, known: Mapping[str, Shape]) -> list[Fault]:
    near = difflib.get_close_matches(str(key), known, 1, 0.6)
    elsewhere = [other for other, keys in KEYS.items() if key in keys]
    if near:
        hint = _("您是不是要写 %(near)s？") % {"near": near[0]}
    elif elsewhere:
        hint = _("它属于 kind: %(kinds)s 的环节。") % {"kinds": "、".join(elsewhere)}
    else:
        hint = ""
    words = {"kind": kind, "key": str(key)[:40], "hint": hint, "all": "、".join(sorted(known))}
    return [((), _("kind: %(kind)s 的环节不认识“%(key)s”。%(hint)s可以写的有：%(all)s。") % words)]


def _unfit(key: str, shape: Shape, value: Any) -> list[Fault]:
    match shape:
        case Yes():
            if isinstance(value, bool):
                return []
            return [((), _("“%(key)s”要写 true 或 false。") % {"key": key})]
        case Whole(low, high):
            if isinstance(value, int) and not isinstance(value, bool) and low <= value <= high:
                return []
            return [((), _("“%(key)s”要写 %(low)d 到 %(high)d 的整数。") % {"key": key, "low": low, "high": high})]
        case Word(words):
            return [] if value in words else [((), _("“%(key)s”只能写：%(all)s。") % {"key": key, "all": "、".join(words)})]
        case Words(words):
            return _list(key, words, value)
    return _upwards(key, value)


def _list(key: str, words: tuple[str, ...], value: Any) -> list[Fault]:
    if not isinstance(value, list) or not value:
        return [
            ((), _("%(key)s 要写成名单，例如 %(key)s: [%(word)s]；不要空着，不用就整项删去。") % {"key": key, "word": words[0]})
        ]
    found: list[Fault] = []
    for place, word in enumerate(value):
        shown = {"key": key, "word": str(word)[:40], "all": "、".join(words)}
        if word not in words and key == "channels":
            found.append(((place,), _("没有公示的地方“%(word)s”，可用的有：%(all)s。") % shown))
        elif word not in words:
            found.append(((place,), _("%(key)s 里没有“%(word)s”，可用的有：%(all)s。") % shown))
        elif word in value[:place]:
            found.append(((place,), _("%(key)s 里“%(word)s”写了两次。请删去一个。") % shown))
    return found


def _upwards(key: str, value: Any) -> list[Fault]:
    if not isinstance(value, dict):
        return _list(key, LEVELS, value)
    found = [
        ((degree,), _("没有困难程度“%(word)s”，可用的有：%(all)s。") % {"word": degree, "all": "、".join(DEGREES)})
        for degree in value
        if degree not in DEGREES
    ]
    for degree, levels in value.items():
        found += [((degree, *place), words) for place, words in _list(key, LEVELS, levels)]
    return found
