"""`bangfu snapshot [--unit CODE] [--on DAY]`: the registry of a unit tree as columns under var/snapshots/."""

import time
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.lib.days import now, today
from bangfu.lib.errors import Refused
from bangfu.process.snapshot import take


class Command(BaseCommand):
    help = "Write the registry of a unit and below to columns (Parquet). Exit 0 done, 2 could not run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--unit", default="", help="code of the unit; every organisation if left out")
        parser.add_argument("--on", default="", help="as of this day, YYYY-MM-DD; today if left out")

    def handle(self, *, unit: str, on: str, **options: Any) -> None:
        try:
            day = date.fromisoformat(on) if on else today(now())
        except ValueError:
            raise self._cannot(_("--on 要写日期，例如 2017-03-01。")) from None
        units = list(Unit.objects.filter(code=unit) if unit else Unit.objects.filter(parent=None))
        if not units:
            raise self._cannot(_("没有代码为“%(code)s”的单位。") % {"code": unit})
        for one in units:
            began = time.monotonic()
            try:
                snapshot = take(one, on=day, at=now())
            except Refused as wrong:
                raise self._cannot(str(wrong)) from None
            self.stdout.write(
                _("%(unit)s：%(n)d 户，%(parts)d 个分区，%(seconds).1f 秒，sha256 %(sha)s，在 %(folder)s。")
                % {
                    "unit": one.code, "n": snapshot.households, "parts": len(snapshot.parts), "seconds": time.monotonic() - began,
                    "sha": snapshot.sha256[:16], "folder": snapshot.folder,
                }
            )  # fmt: skip
        self.stdout.write(_("快照已做好。里面有健康、残疾、致困原因等敏感代码，只在本机使用，不要外传。"))

    def _cannot(self, why: str) -> SystemExit:
        self.stderr.write(why)
        return SystemExit(2)
