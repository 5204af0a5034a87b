"""`bangfu ledger verify`: recounts every kept balance; last line `OK …` or `BAD …`; exit 0 or 1."""

import sys
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bangfu.ledger.verify import verify


class Command(BaseCommand):
    help = "Recount the books; exit 1 when a balance, a number, a payment or a signed receipt does not agree."

    def handle(self, *args: Any, **options: Any) -> None:
        verdict = verify()
        for fault in verdict.faults:
            self.stdout.write(fault)
        if verdict.faults:
            self.stdout.write("BAD " + _("账目有 %(n)d 处不符") % {"n": len(verdict.faults)})
            sys.exit(1)
        self.stdout.write(f"OK {verdict.vouchers} vouchers {verdict.postings} postings")
