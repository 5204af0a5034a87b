"""`bangfu audit verify [--head SEQ:HASH]`: last line `OK <n events> <head hash>` or `BAD seq=<n> <why>`."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bangfu.audit.verify import verify


class Command(BaseCommand):
    help = "Recompute the whole record; exit 1 when a byte, a link or a copy differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--head", help="SEQ:HASH kept outside the database (a bulletin, a receipt)")

    def handle(self, *args: Any, **options: Any) -> None:
        published = None
        if options["head"]:
            seq, _colon, head = options["head"].partition(":")
            if not seq.isdigit() or len(head) != 64:
                self.stderr.write(_("链头要写成 序号:64 位摘要，例如 1024:7f3a…。"))
                sys.exit(2)
            published = (int(seq), head)
        verdict = verify(published=published)
        if verdict.bad_seq is None:
            self.stdout.write(f"OK {verdict.events} events {verdict.head}")
            return
        self.stdout.write(f"BAD seq={verdict.bad_seq} {verdict.why}")
        sys.exit(1)
