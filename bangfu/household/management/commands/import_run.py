"""`bangfu import run`: work off the imports that wait for a worker."""

from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bangfu.household.imports.flow import run_pending
from bangfu.lib.days import now


class Command(BaseCommand):
    help = "Work off the waiting imports, oldest first."

    def handle(self, *args: Any, **options: Any) -> None:
        done = run_pending(at=now())
        self.stdout.write(_("办完 %(n)d 个导入批次。") % {"n": done})
