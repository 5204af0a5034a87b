"""`bangfu policy simulate --a V --b V [--c V] [--on DATE] [--unit U] [--json]`: rules beside rules over the files."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.lib.days import now, today
from bangfu.lib.errors import Refused
from bangfu.lib.money import yuan
from bangfu.policy.loading import load_pack
from bangfu.policy.models import Draft, Version
from bangfu.policy.pack import Pack
from bangfu.policy.queries import in_force, pack_of
from bangfu.reporting.simulation.computing import Result, compute
from bangfu.reporting.simulation.cutting import summed
from bangfu.reporting.simulation.download import fund_words
from bangfu.reporting.simulation.flow import snapshot_for
from bangfu.reporting.simulation.models import Row
from bangfu.reporting.simulation.presenting import fund_lines, touched_count
from bangfu.reporting.simulation.sides import pack_of_draft
from bangfu.reporting.simulation.sourcing import cube


class Command(BaseCommand):
    help = "Simulate rules over the files of a unit; changes nothing. Exit 0 done, 2 could not run."

    def add_arguments(self, parser: CommandParser) -> None:
        which = "a version's number, draft-N, or a folder or zip of a pack"
        parser.add_argument("--a", default="", help=f"{which}; the rules in force if left out")
        parser.add_argument("--b", required=True, help=which)
        parser.add_argument("--c", default="", help=which)
        parser.add_argument("--on", default="", help="as of this day, YYYY-MM-DD; today if left out")
        parser.add_argument("--unit", default="", help="code of the unit; the one organisation if left out")
        parser.add_argument(
            "--asking", choices=["most", "least"], default="most", help="sums within a range: the highest or the lowest"
        )
        parser.add_argument("--past", action="store_true", help="files that have left too")
        parser.add_argument("--seed", type=int, default=1, help="which households are drawn as samples")
        parser.add_argument("--json", action="store_true", help="the whole result as JSON")

    def handle(self, **options: Any) -> None:
        try:
            unit, on = _unit(options["unit"]), _day(options["on"])
            packs = {"A": _rules(options["a"], unit, on), "B": _rules(options["b"], unit, on)}
            if options["c"]:
                packs["C"] = _rules(options["c"], unit, on)
            at = now()
            snapshot = snapshot_for(unit, on, at=at)
            result = compute(
                packs, snapshot, unit, on, includes_past=options["past"], asking=options["asking"], seed=options["seed"], today=today(at),
            )  # fmt: skip
        except (Refused, OSError) as wrong:
            self.stderr.write(str(wrong))
            self.stderr.write(_("没有算成，请按上面的提示改正。"))
            raise SystemExit(2) from None
        if options["json"]:
            whole = {
                "format": "simulation/1",
                "unit": unit.code,
                "on": on.isoformat(),
                "seed": options["seed"],
                "asking": options["asking"],
                "sides": {letter: {"pack": pack.id, "sha256": pack.sha256} for letter, pack in packs.items()},
                "snapshot": {"day": snapshot.day.isoformat(), "sha256": snapshot.sha256, "households": snapshot.households},
                "result": result.summary,
                "money": {letter: _cells(side, unit) for letter, side in result.summary["sides"].items()},
                "sha256": result.sha256,
            }
            self.stdout.write(json.dumps(whole, ensure_ascii=False, indent=1, sort_keys=True))
            return
        for letter in result.summary["sides"]:
            self.stdout.write(_sentences(result, letter))
        self.stdout.write(
            _("%(n)d 户算完，用了 %(ms)d 毫秒，结果指纹 %(sha)s。")
            % {"n": snapshot.households, "ms": result.millis, "sha": result.sha256[:16]}
        )


def _unit(code: str) -> Unit:
    units = list(Unit.objects.filter(code=code) if code else Unit.objects.filter(parent=None)[:2])
    if not units:
        raise Refused(
            _("没有代码为“%(code)s”的单位。") % {"code": code} if code else _("还没有单位。请先用 bangfu demo 或建单位。")
        )
    if len(units) > 1:
        raise Refused(_("有多个单位，请用 --unit 写明是哪一个。"))
    return units[0]


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text) if text else today(now())
    except ValueError:
        raise Refused(_("--on 要写日期，例如 2017-03-01。")) from None


def _rules(which: str, unit: Unit, on: date) -> Pack:
    """A version by its number, a draft, a folder or zip; empty = what is in force."""
    if not which:
        version = in_force(unit, on)
        if version is None:
            raise Refused(_("%(day)s 没有施行中的办法。请用 --a 写明。") % {"day": on.isoformat()})
        return pack_of(version)
    number = which.removeprefix("draft-")
    if number.isdigit():
        model: Any = Version if number == which else Draft
        row = model.objects.filter(pk=number, organisation=unit.organisation_id).first()
        if row is None:
            raise Refused(_("没有编号为“%(which)s”的办法或草案。") % {"which": which})
        return pack_of(row) if number == which else pack_of_draft(row)
    path = Path(which)
    if not path.exists():
        raise Refused(_("没有编号、文件夹或 zip 叫“%(which)s”。") % {"which": which})
    return load_pack(path.read_bytes() if path.is_file() else path)


def _cells(side: dict[str, Any], unit: Unit) -> list[dict[str, Any]]:
    """Programme x source x unit x month, a line each; the sum of all lines is the year's sum."""
    codes = dict(Unit.objects.filter(path__startswith=unit.path).values_list("pk", "code"))
    return [
        {
            "programme": cell.programme,
            "source": cell.source,
            "unit": codes.get(cell.unit) if cell.unit else None,
            "month": side["month"][cell.month]["month"],
            "fen_was": cell.fen_was,
            "fen_now": cell.fen_now,
        }
        for cell in cube(side)
    ]


def _sentences(result: Result, letter: str) -> str:
    side = result.summary["sides"][letter]
    total = side["total"]
    lines = [
        _("%(letter)s：共 %(all)d 户，影响 %(n)d 户；%(moves)s。")
        % {
            "letter": letter,
            "all": total["households"],
            "n": touched_count(total),
            "moves": _("，").join(f"{label} {total[value]}" for value, label in Row.Move.choices),
        },
        _("%(letter)s：一年最多 %(was)s 元 -> %(now)s 元。")
        % {"letter": letter, "was": yuan(total["fen_was"]), "now": yuan(total["fen_now"])},
    ]
    for row in side["programme"]:
        lines.append(f"  {row['title']}: {row['due_was']} -> {row['due_now']}, {yuan(row['fen_was'])} -> {yuan(row['fen_now'])}")
    titles = {row["id"]: row["title"] for row in side["sources"]}
    for source, (was, now_) in summed(cube(side), "source", {}).items():
        lines.append(f"  {titles.get(source, source)}: {yuan(was)} -> {yuan(now_)}")
    lines += [f"  {fund_words(row)}" for row in fund_lines(side["fund"])]
    return "\n".join(lines)
