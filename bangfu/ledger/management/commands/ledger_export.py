"""`bangfu ledger export --format beancount|csv [--organisation CODE]`: the whole journal on standard output."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bangfu.access.models import Unit
from bangfu.ledger import export
from bangfu.ledger.models import Fund


class Command(BaseCommand):
    help = "Write the journal of one organisation (needed when there are several) as Beancount or CSV."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--format", choices=["beancount", "csv"], required=True)
        parser.add_argument("--organisation", help="the organisation's code")

    def handle(self, *args: Any, **options: Any) -> None:
        wanted = Unit.objects.filter(pk__in=Fund.objects.values("unit")).order_by("code")
        if options["organisation"]:
            wanted = wanted.filter(code=options["organisation"])
        found = list(wanted)
        if len(found) != 1:
            codes = "、".join(unit.code for unit in found) or _("没有")
            self.stderr.write(_("要导出哪个组织的账？请加 --organisation 编码。有账的组织：%(codes)s") % {"codes": codes})
            sys.exit(2)
        if options["format"] == "csv":
            self.stdout.write(export.journal_csv(found[0]).decode("utf-8"), ending="")
            return
        for line in export.beancount(found[0]):
            self.stdout.write(line)
