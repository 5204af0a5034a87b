"""`bangfu policy dump --unit CODE --to DIR`: write the pack in force back into a folder."""

from datetime import date
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.lib.days import now, today
from bangfu.policy.queries import in_force
from bangfu.policy.reading import read_files


class Command(BaseCommand):
    help = "Write a pack in force into a folder, file by file. Exit 0 written, 2 could not run."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--unit", required=True, help="code of the unit")
        parser.add_argument("--pack", default=None, help="id of the pack, if several are in force")
        parser.add_argument("--on", default="", help="day, YYYY-MM-DD; today if left out")
        parser.add_argument("--to", type=Path, required=True, help="an empty or new folder")

    def handle(self, *, unit: str, pack: str | None, on: str, to: Path, **options: Any) -> None:
        try:
            day = date.fromisoformat(on) if on else today(now())
        except ValueError:
            self._cannot(_("--on 要写日期，例如 2017-03-01。"))
        where = Unit.objects.filter(code=unit).first()
        version = in_force(where, day, pack) if where else None
        if where is None or version is None:
            self._cannot(
                _("%(unit)s 在 %(day)s 没有施行中的办法。请核对 --unit、--pack 和 --on。") % {"unit": unit, "day": day.isoformat()}
            )
        if to.exists() and any(to.iterdir()):
            self._cannot(_("%(to)s 不是空文件夹。请换一个，以免盖掉别的文件。") % {"to": to})
        files = read_files(bytes(version.content)).files
        for name, content in files.items():
            target = to / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        self.stdout.write(_("%(version)s已写到 %(to)s，共 %(n)d 个文件。") % {"version": version, "to": to, "n": len(files)})

    def _cannot(self, why: str) -> NoReturn:
        self.stdout.write(why)
        raise SystemExit(2)
