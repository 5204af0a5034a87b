"""`bangfu demo [--today DATE]`: build 开远 with generated people. Exit 2 when the database already holds an organisation."""

import sys
import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.lib.days import now, today


class Command(BaseCommand):
    help = "Build the demo organisation through the real functions (fixed seed)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--today", type=date.fromisoformat, help="the day the demo ends on (default: today)")

    def handle(self, *args: Any, **options: Any) -> None:
        from bangfu.demo.build import build

        call_command("migrate", verbosity=0)
        if Unit.objects.exists():
            self.stderr.write(_("数据库里已有组织，示范数据只能建在空库里。换一个 BANGFU_VAR 或 DATABASE_URL 再试。"))
            sys.exit(2)
        began = time.monotonic()
        build(options["today"] or today(now()))
        self.stdout.write(_("示范数据建好，用时 %(s).1f 秒。") % {"s": time.monotonic() - began})
