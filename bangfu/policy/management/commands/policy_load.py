"""`bangfu policy load DIR --unit CODE --from DATE`: put a pack into force for a unit."""

from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.lib.days import now
from bangfu.lib.errors import Refused
from bangfu.policy.flow import adopt
from bangfu.policy.reading import folder_bytes


class Command(BaseCommand):
    help = "Adopt a pack (folder or zip) for a unit and everything below it. Exit 0 adopted, 1 faults, 2 could not run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path)
        parser.add_argument("--unit", required=True, help="code of the unit")
        parser.add_argument("--from", dest="start", required=True, help="first day, YYYY-MM-DD")

    def handle(self, *, dir: Path, unit: str, start: str, **options: Any) -> None:
        try:
            valid_from = date.fromisoformat(start)
            where = Unit.objects.get(code=unit)
        except ValueError:
            self._say(_("--from 要写日期，例如 2017-03-01。"), 2)
        except Unit.DoesNotExist:
            self._say(_("没有代码为 %(unit)s 的单位。请核对 --unit。") % {"unit": unit}, 2)
        try:
            content = dir.read_bytes() if dir.is_file() else folder_bytes(dir)
            version = adopt(content, unit=where, valid_from=valid_from, by=None, at=now())
        except OSError as wrong:
            self._say(_("读不了 %(dir)s：%(why)s。") % {"dir": dir, "why": wrong}, 2)
        except Refused as refusal:
            self._say(str(refusal), 1)
        self.stdout.write(_("%(version)s已在%(unit)s施行。") % {"version": version, "unit": where.name})

    def _say(self, sentence: str, code: int) -> NoReturn:
        self.stdout.write(sentence)
        raise SystemExit(code)
