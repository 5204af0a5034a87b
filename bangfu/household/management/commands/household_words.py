from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.utils.translation import gettext as _

from bangfu.household import search
from bangfu.household.models import FileWord, Household, Staff, StaffWord
from bangfu.lib.bulk import Inserts


class Command(BaseCommand):
    help = "Compares the search words of files and roster with the rows; --mend writes them anew."

    def add_arguments(self, parser):
        parser.add_argument("--mend", action="store_true")

    def handle(self, *args, mend: bool, **options):
        pairs: list[tuple[Any, Any, Any]] = [
            (FileWord, search.file_rows, Household.objects.only("organisation", "head_name", "number", "state", "unit")),
            (StaffWord, search.staff_rows, Staff.objects.only("organisation", "name", "worker_no", "unit")),
        ]
        wrong = 0
        with transaction.atomic():
            for model, rows_of, source in pairs:
                wanted = {row for one in source.iterator(2_000) for row in rows_of(one)}
                names = [field.attname for field in model._meta.concrete_fields]
                stored = set(model.objects.values_list(*names).iterator(10_000))
                wrong += len(wanted ^ stored)
                if mend and wanted != stored:
                    model.objects.all().delete()
                    rows = Inserts()
                    rows.add_rows(model, sorted(wanted))
                    rows.write()
        if wrong and not mend:
            raise CommandError(_("检索词有 %(n)d 处和档案对不上。请加 --mend 重建。") % {"n": wrong})
        self.stdout.write(_("检索词和档案一致。") if not wrong else _("检索词已重建，改了 %(n)d 处。") % {"n": wrong})
