"""`bangfu policy check DIR`: everything that is wrong with a pack, a line each; examples included."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from bangfu.policy.examples import check


class Command(BaseCommand):
    help = "Check a policy pack: files, names, units, clauses, references, worked examples. Exit 0 good, 1 faults, 2 could not run."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("dir", type=Path, help="folder or zip of the pack")

    def handle(self, *, dir: Path, **options: Any) -> None:
        if not dir.exists():
            self.stdout.write(_("没有 %(dir)s。请核对路径。") % {"dir": dir})
            raise SystemExit(2)
        pack, problems = check(dir.read_bytes() if dir.is_file() else dir)
        for problem in problems:
            self.stdout.write(str(problem))
        if problems or pack is None:
            self.stdout.write(_("发现 %(n)d 处问题，请逐条改正后再检查。") % {"n": len(problems)})
            raise SystemExit(1)
        self.stdout.write(
            _("《%(title)s》没有问题：%(programmes)d 个项目，%(examples)d 个示例全部算对。")
            % {"title": pack.title, "programmes": len(pack.programmes), "examples": len(pack.examples)}
        )
