"""`bangfu spark`: a master and two workers on this machine, to try BANGFU_SPARK with."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _

from bangfu.policy.columns.spark import cluster, missing


class Command(BaseCommand):
    help = "Start a local Spark master and two workers for a test, until Ctrl-C. Exit 2 when Spark or Java is lacking."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--workers", type=int, default=2)

    def handle(self, *, workers: int, **options: Any) -> None:
        lacking = missing()
        if lacking:
            self.stderr.write(_("这台机器上没有 %(what)s，不能启动 Spark。") % {"what": lacking})
            raise SystemExit(2)
        with cluster(workers) as master:
            self.stdout.write(
                _("已启动。另开一个窗口运行：BANGFU_SPARK=%(master)s bangfu …；按 Ctrl-C 停止。") % {"master": master}
            )
            self.stdout.flush()
            try:
                while True:
                    time.sleep(3600)
            except KeyboardInterrupt:
                self.stdout.write(_("已停止。"))
