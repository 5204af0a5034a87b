"""`bangfu policy facts`: the vocabulary that rules may use."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from bangfu.policy.vocabulary import VOCABULARY


class Command(BaseCommand):
    help = "The names that rules may use: name, type, unit, entity, title."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--json", action="store_true", help="as one JSON array")

    def handle(self, *, json: bool, **options: Any) -> None:
        rows = [fact.to_json() for fact in VOCABULARY.facts.values()]
        if json:
            self.stdout.write(_dumps(rows))
            return
        for row in rows:
            self.stdout.write(f"{row['entity']:<10} {row['name']:<30} {row['type']:<5} {row['unit']:<9} {row['title']}")
        self.stdout.write(_("共 %(n)d 个名称。") % {"n": len(rows)})


def _dumps(rows: list[dict[str, Any]]) -> str:
    return json.dumps(rows, ensure_ascii=False, indent=1)
