"""`bangfu policy eval DIR --facts FILE --on DATE`: what a pack says of one household, with the reasons."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from bangfu.lib.days import now, today
from bangfu.lib.errors import Refused
from bangfu.policy.evaluation import evaluate
from bangfu.policy.facts import BadFacts, facts_from
from bangfu.policy.loading import load_pack
from bangfu.policy.outcome import Outcome


class Command(BaseCommand):
    help = "Evaluate a pack for the facts of one household. Exit 0 done, 2 could not run."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, help="folder or zip of the pack")
        parser.add_argument("--facts", type=Path, required=True, help="JSON file of the household's facts")
        parser.add_argument("--on", default="", help="day of the assessment, YYYY-MM-DD; today if left out")
        parser.add_argument("--json", action="store_true", help="the whole outcome as JSON")

    def handle(self, *, dir: Path, facts: Path, on: str, json: bool, **options: Any) -> None:
        try:
            day = date.fromisoformat(on) if on else today(now())
        except ValueError:
            raise self._cannot(_("--on 要写日期，例如 2017-03-01。")) from None
        try:
            raw = _read(facts)
            outcome = evaluate(load_pack(dir.read_bytes() if dir.is_file() else dir), raw, day)
        except (Refused, OSError, ValueError) as wrong:
            raise self._cannot(str(wrong)) from None
        self.stdout.write(_dumps(outcome) if json else _lines(outcome))

    def _cannot(self, why: str) -> SystemExit:
        self.stderr.write(why)
        self.stderr.write(_("没有算成，请按上面的提示改正。"))
        return SystemExit(2)


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        raise BadFacts(_("没有事实文件 %(file)s。请核对路径。") % {"file": path})
    try:
        return facts_from(path.read_bytes())
    except BadFacts as wrong:
        raise BadFacts(f"{path}: {wrong}") from wrong


def _dumps(outcome: Outcome) -> str:
    return json.dumps(outcome.to_json(), ensure_ascii=False, indent=1)


def _lines(outcome: Outcome) -> str:
    lines = [f"{row.clause} {row.text}: {row.value} {row.op} {row.threshold} -> {row.truth}" for row in outcome.reasons]
    lines += [f"{row.id}: {row.outcome} {row.amount_fen}" for row in outcome.programmes]
    for plan in outcome.plans:
        lines += [f"{row.id}: {row.outcome} {row.amount_fen}" for row in plan.benefits]
        lines.append(
            f"{plan.id}: {plan.outcome} {plan.amount_fen if plan.joins is None else plan.fee_fen} {plan.split or ''}".rstrip()
        )
    lines += [_("缺：%(names)s") % {"names": "、".join(outcome.missing) or _("无")}]
    return "\n".join(
        [*lines, _("结果 %(outcome)s，档次 %(class)s。") % {"outcome": outcome.outcome, "class": outcome.class_ or _("无")}]
    )
