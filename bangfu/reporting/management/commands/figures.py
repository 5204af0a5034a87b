"""`bangfu figures ORG --json`: each figure of the source, ours, and the verdict. Exit 1 on a different figure, 2 on an empty database."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.lib.money import yuan
from bangfu.reporting.figures import ORGANISATIONS, VERDICTS, figures


class Command(BaseCommand):
    help = "Print stated / ours / verdict for every figure of the organisation's source."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("organisation", choices=sorted(ORGANISATIONS))
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        unit = Unit.objects.filter(code=options["organisation"], parent=None).first()
        if unit is None:
            self.stderr.write(_("数据库里没有这个组织。先运行 bangfu demo。"))
            sys.exit(2)
        rows = figures(unit)
        if options["json"]:
            self.stdout.write(
                json.dumps({"organisation": unit.code, "figures": [row.as_json() for row in rows]}, ensure_ascii=False, indent=1)
            )
        else:
            for row in rows:
                shown = [yuan(value) if row.unit == "fen" and value is not None else value for value in (row.stated, row.ours)]
                self.stdout.write(f"{row.source}\t{row.title}\t{shown[0]}\t{shown[1]}\t{VERDICTS[row.verdict]}")
            wrong = sum(row.verdict == "different" for row in rows)
            self.stdout.write(_("%(all)d 个数，%(wrong)d 个不同。") % {"all": len(rows), "wrong": wrong})
        if any(row.verdict == "different" for row in rows):
            sys.exit(1)
