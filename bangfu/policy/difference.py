"""Two versions of a pack in words, and two outcomes of the same facts clause by clause. Source: issues "Explain", "Adopt"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from bangfu.policy.evaluation import evaluate
from bangfu.policy.explain import value_in_words
from bangfu.policy.inherit import INHERITED, OWN, REPLACED
from bangfu.policy.outcome import Outcome, Reason
from bangfu.policy.pack import Pack
from bangfu.policy.parameters import Entry, Standard
from bangfu.policy.queries import ParameterRow
from bangfu.policy.wording import figure

ADDED, CHANGED, REMOVED = "added", "changed", "removed"


@dataclass(frozen=True)
class Difference:
    """One thing that differs between two versions: what part of the rules, which item, what was and what is."""

    part: str  # parameters texts sets programmes procedures cadences matters evidence funds plans figures
    state: str
    title: str
    clause: str = ""
    was: str = ""
    now: str = ""
    sentence: str = ""


def versions(old: Pack, new: Pack) -> list[Difference]:
    """What differs, in the order of a regulation: its head, parameters, text, classes, programmes, procedure, papers, money."""
    rows: list[Difference] = []
    for name, title in (("title", _("名称")), ("issuer", _("发布单位")), ("document_no", _("文号"))):
        was, now = getattr(old, name), getattr(new, name)
        if was != now:
            rows.append(Difference("head", CHANGED, title, "", was, now, _("%(what)s改了。") % {"what": title}))
    rows += _parameters(old, new)
    rows += _texts(old, new)
    rows += _items("figures", old.derived, new.derived, old, new)
    rows += _items("sets", _by_id(old.class_sets), _by_id(new.class_sets), old, new)
    rows += _items("programmes", _by_id(old.programmes), _by_id(new.programmes), old, new)
    rows += _items("procedures", _by_id(old.procedures), _by_id(new.procedures), old, new)
    rows += _items("cadences", _by_id(old.cadences), _by_id(new.cadences), old, new)
    rows += _items("matters", _by_id(old.matters), _by_id(new.matters), old, new)
    rows += _items("evidence", _by_id(old.evidence), _by_id(new.evidence), old, new)
    rows += _items("funds", _by_id(old.funds), _by_id(new.funds), old, new)
    rows += _items("plans", _by_id(old.plans), _by_id(new.plans), old, new)
    return rows


def part_titles() -> dict[str, str]:
    return {
        "head": _("办法"),
        "parameters": _("标准"),
        "texts": _("条文"),
        "facts": _("自定的事实"),
        "figures": _("推算"),
        "sets": _("档次"),
        "programmes": _("帮扶项目"),
        "procedures": _("程序"),
        "cadences": _("定期工作"),
        "matters": _("不涉及资金的事项"),
        "evidence": _("材料"),
        "funds": _("资金"),
        "plans": _("互助计划"),
    }


# --- parameters ---


def _parameters(old: Pack, new: Pack) -> list[Difference]:
    rows: list[Difference] = []
    for name in dict.fromkeys([*old.parameters, *new.parameters]):
        before, after = old.parameters.get(name), new.parameters.get(name)
        if before is None or after is None:
            rows += _whole_standard(before, after)
            continue
        was = {(entry.where, entry.from_date): entry for entry in before.entries}
        now = {(entry.where, entry.from_date): entry for entry in after.entries}
        for key in sorted({*was, *now}, key=str):
            rows += _value(before, after, was.get(key), now.get(key))
    return rows


def _whole_standard(before: Standard | None, after: Standard | None) -> list[Difference]:
    standard = after or before
    assert standard is not None
    words = _("新增标准“%(title)s”：%(values)s。") if after else _("删去标准“%(title)s”：%(values)s。")
    values = _("；").join(
        _("%(day)s 起 %(value)s") % {"day": entry.from_date.isoformat(), "value": shown(standard, entry)}
        for entry in standard.entries
    )
    sentence = words % {"title": standard.title, "values": values}
    return [Difference("parameters", ADDED if after else REMOVED, standard.title, standard.clause, sentence=sentence,
                       was="" if after else values, now=values if after else "")]  # fmt: skip


def _value(before: Standard, after: Standard, was: Entry | None, now: Entry | None) -> list[Difference]:
    """One dated value: new (with what held before it), gone, or written differently."""
    entry = now or was
    assert entry is not None
    title, day = after.title, entry.from_date.isoformat()
    place = _where(entry)
    if was and now:
        old_value, new_value = shown(before, was), shown(after, now)
        if old_value == new_value and was.to_date == now.to_date and (was.document_no, was.demo) == (now.document_no, now.demo):
            return []
        words = _("“%(title)s”%(place)s %(day)s 起的值由 %(was)s 改为 %(now)s。")
    elif now:
        held = [one for one in before.entries if one.where == now.where and one.from_date < now.from_date]
        old_value = shown(before, max(held, key=lambda one: one.from_date)) if held else ""
        new_value = shown(after, now)
        words = (
            _("“%(title)s”%(place)s从 %(day)s 起由 %(was)s 调为 %(now)s。")
            if held
            else _("“%(title)s”%(place)s从 %(day)s 起为 %(now)s。")
        )
    else:
        assert was is not None
        old_value, new_value = shown(before, was), ""
        words = _("“%(title)s”%(place)s删去 %(day)s 起的 %(was)s。")
    sentence = words % {"title": title, "place": place, "day": day, "was": old_value, "now": new_value}
    if now and now.document_no:
        sentence += _("文号：%(no)s。") % {"no": now.document_no}
    return [Difference("parameters", CHANGED, title, after.clause, old_value, new_value, sentence)]


def shown(standard: Standard, entry: Entry) -> str:
    return ParameterRow(standard, entry, None, "now").shown


def _where(entry: Entry) -> str:
    return _("（%(where)s）") % {"where": _("、").join(str(wanted) for _fact, wanted in entry.where)} if entry.where else ""


# --- texts and items ---


def _texts(old: Pack, new: Pack) -> list[Difference]:
    rows = []
    for clause in dict.fromkeys([*old.regulation.clauses, *new.regulation.clauses]):
        was, now = old.regulation.words(clause), new.regulation.words(clause)
        if was == now:
            continue
        state = ADDED if not was else REMOVED if not now else CHANGED
        words = {ADDED: _("新增第%(clause)s条。"), REMOVED: _("删去第%(clause)s条。"), CHANGED: _("第%(clause)s条的文字改了。")}
        said = clause.rpartition(":")[2]
        rows.append(
            Difference("texts", state, _("第%(clause)s条") % {"clause": said}, clause, was, now, words[state] % {"clause": said})
        )
    return rows


def _by_id(items: Iterable[Any]) -> dict[str, Any]:
    return {item.id: item for item in items}


def _items(part: str, was: Mapping[str, Any], now: Mapping[str, Any], old: Pack, new: Pack) -> list[Difference]:
    rows = []
    for key in dict.fromkeys([*was, *now]):
        before, after = was.get(key), now.get(key)
        if before is not None and after is not None:
            rows += _item(part, before, after, old, new)
            continue
        item: Any = after if before is None else before
        words = _("新增%(part)s“%(title)s”。") if before is None else _("删去%(part)s“%(title)s”。")
        sentence = words % {"part": part_titles()[part], "title": _title(item)}
        rows.append(
            Difference(part, ADDED if before is None else REMOVED, _title(item), getattr(item, "clause", ""), sentence=sentence)
        )
    return rows


def _item(part: str, before: Any, after: Any, old: Pack, new: Pack) -> list[Difference]:
    """What of one item differs: the lines of it in words that only one of the two has."""
    was, now = _lines(before, old), _lines(after, new)
    if was == now:
        return []
    gone = [line for line in was if line not in now]
    come = [line for line in now if line not in was]
    sentence = _("%(part)s“%(title)s”改了。") % {"part": part_titles()[part], "title": _title(after)}
    if not gone and not come:
        sentence = _("%(part)s“%(title)s”的次序改了。") % {"part": part_titles()[part], "title": _title(after)}
    return [Difference(part, CHANGED, _title(after), getattr(after, "clause", ""), "\n".join(gone), "\n".join(come), sentence)]


def _lines(item: Any, pack: Pack) -> list[str]:
    """An item as lines: every rule with its clause, words and condition, every other field by name."""
    lines: list[str] = []

    def put(label: str, value: Any) -> None:
        if value is None or value == "" or value == () or value == {} or value is False:
            return
        if _is_node(value):
            lines.append(f"{label} {pack.written(value)}".strip())
        elif is_dataclass(value):
            named = [getattr(value, key, "") for key in ("clause", "title", "text")]
            nodes = [part for one in fields(value) if _is_node(part := getattr(value, one.name))]
            own = " ".join([*(str(word) for word in named if word), *(f"〔{pack.written(node)}〕" for node in nodes)])
            if own:
                lines.append(own)
            for one in fields(value):
                if one.name not in ("clause", "title", "text", "id") and not _is_node(getattr(value, one.name)):
                    put(_field(one.name), getattr(value, one.name))
        elif isinstance(value, (tuple, list, frozenset)):
            plain = [part for part in value if isinstance(part, (str, int))]
            if len(plain) == len(value):
                lines.append(f"{label} {_('、').join(map(str, sorted(plain) if isinstance(value, frozenset) else plain))}")
            else:
                for part in value:
                    put(label, part)
        elif isinstance(value, Mapping):
            lines.append(f"{label} {_('、').join(f'{key} {one}' for key, one in value.items())}")
        else:
            lines.append(f"{label} {value}".strip())

    put("", item)
    return lines


def _is_node(value: Any) -> bool:
    return type(value).__module__ == "bangfu.policy.expression"


def _field(name: str) -> str:
    words = {
        "days": _("时限（天）"),
        "calendar": _("日历"),
        "role": _("谁办"),
        "level": _("层级"),
        "review_months": _("复查（月）"),
        "fund": _("资金"),
        "procedure": _("程序"),
        "causes": _("致困原因"),
        "programmes": _("项目"),
        "sources": _("来源"),
        "uses": _("用途"),
        "floor": _("底线"),
        "budget": _("预算"),
        "source": _("出处"),
        "plain": _("给职工看的话"),
    }
    return words.get(name, name)


# --- what is inherited ---


@dataclass(frozen=True)
class Inherited:
    """One item of a pack that is built on another: its own, taken over, or put in the place of the parent's."""

    part: str
    title: str
    state: str
    word: str
    pack: str


def inheritance(pack: Pack) -> list[Inherited]:
    """Every item with where it comes from; then what was left out."""
    words = {OWN: _("自有"), INHERITED: _("沿用"), REPLACED: _("替换")}
    titles = part_titles()
    found = {
        "parameters": pack.parameters,
        "figures": pack.derived,
        "sets": _by_id(pack.class_sets),
        "programmes": _by_id(pack.programmes),
        "procedures": _by_id(pack.procedures),
        "cadences": _by_id(pack.cadences),
        "matters": _by_id(pack.matters),
        "evidence": _by_id(pack.evidence),
        "funds": _by_id(pack.funds),
        "plans": _by_id(pack.plans),
    }
    rows = []
    for (part, item_id), origin in pack.origins.items():
        item = found.get(part, {}).get(item_id)
        title = _title(item) if item is not None else pack.title_of(item_id)
        rows.append(Inherited(titles.get(part, part), title, origin.state, words[origin.state], origin.pack))
    for part, ids in pack.removed.items():
        rows += [Inherited(titles.get(part, part), item_id, REMOVED, _("不用"), pack.extends) for item_id in ids]
    return rows


# --- outcomes ---


@dataclass(frozen=True)
class Clause:
    """One requirement under two versions: how it came out then and now. `was` or `now` empty = only one of them has it."""

    clause: str
    text: str
    was: str
    now: str
    was_truth: str
    now_truth: str
    was_text: str = ""


@dataclass(frozen=True)
class Comparison:
    """Two outcomes of the same facts. `sentences` say what comes out differently; `clauses` hold only what differs."""

    sentences: tuple[str, ...]
    clauses: tuple[Clause, ...]

    @property
    def is_same(self) -> bool:
        return not self.sentences and not self.clauses


def today_s(
    pack_then: Pack, then: Outcome, pack_now: Pack, facts: Mapping[str, Any], on: date, programme: str | None
) -> Comparison:
    """The same facts under the rules of another day. Raises BadFacts, RuleStopped."""
    return outcomes(pack_then, then, pack_now, evaluate(pack_now, facts, on), programme)


def outcomes(pack_then: Pack, then: Outcome, pack_now: Pack, now: Outcome, programme: str | None = None) -> Comparison:
    """What differs between two outcomes, clause by clause."""
    sentences: list[str] = []

    def differs(what: str, was: str, is_: str) -> None:
        if was != is_:
            sentences.append(_("%(what)s：当时%(was)s，按现行办法%(now)s。") % {"what": what, "was": was, "now": is_})

    words = {"eligible": _("符合"), "not_eligible": _("不符合"), "unknown": _("待查")}
    differs(_("结果"), words[then.outcome], words[now.outcome])
    differs(_("档次"), _class(pack_then, then), _class(pack_now, now))
    for row in then.programmes:
        other = now.programme(row.id)
        if programme and row.id != programme:
            continue
        if other is None:
            sentences.append(_("“%(title)s”：现行办法里没有这个项目。") % {"title": row.title})
            continue
        differs(_("“%(title)s”") % {"title": row.title}, words[row.outcome], words[other.outcome])
        differs(_("“%(title)s”建议金额") % {"title": row.title}, _sum(row.amount_fen), _sum(other.amount_fen))
    return Comparison(tuple(sentences), tuple(_clauses(pack_then, then, pack_now, now, programme)))


def _clauses(pack_then: Pack, then: Outcome, pack_now: Pack, now: Outcome, programme: str | None) -> Iterable[Clause]:
    def relevant(row: Reason) -> bool:
        return bool(row.text) and (programme is None or row.about in ("entry", programme) or row.about.startswith("class:"))

    def keyed(outcome: Outcome) -> dict[tuple[str, str, str, int], Reason]:
        rows: dict[tuple[str, str, str, int], Reason] = {}
        for row in filter(relevant, outcome.reasons):
            place = sum(key[:3] == (row.clause, row.about, row.role) for key in rows)
            rows[row.clause, row.about, row.role, place] = row
        return rows

    was, is_ = keyed(then), keyed(now)
    for key in dict.fromkeys([*was, *is_]):
        before, after = was.get(key), is_.get(key)
        if before and after:
            same = (before.text, before.value, before.threshold, before.truth, before.effect) == (
                after.text, after.value, after.threshold, after.truth, after.effect
            )  # fmt: skip
            if same:
                continue
        row = after or before
        assert row is not None
        yield Clause(
            clause=row.clause,
            text=row.text,
            was=_reason(pack_then, before),
            now=_reason(pack_now, after),
            was_truth=before.truth if before else "",
            now_truth=after.truth if after else "",
            was_text=before.text if before and after and before.text != after.text else "",
        )


def _reason(pack: Pack, row: Reason | None) -> str:
    """The household's figure against the limit."""
    if row is None:
        return _("没有这一条")
    shown_: Callable[[Any], str] = lambda value: value_in_words(pack, row.name, value, row.unit)  # noqa: E731
    value = shown_(row.value) if row.value is not None else ""
    limit = shown_(row.threshold) if row.threshold is not None and not isinstance(row.threshold, bool) else ""
    return _("%(value)s，标准 %(limit)s") % {"value": value, "limit": limit} if value and limit else value or limit


def _class(pack: Pack, outcome: Outcome) -> str:
    found = pack.primary.get(outcome.class_) if pack.primary and outcome.class_ else None
    return _("评为%(class)s") % {"class": found.title} if found else _("没有档次")


def _sum(amount: int | None) -> str:
    return _("还不能定") if amount is None else figure(amount, "fen")


def _title(item: Any) -> str:
    """The name of an item; one without a name is called by its words."""
    return str(getattr(item, "title", "") or item.text)
