"""`bangfu serve`: migrate, build the demo if the database is empty, serve, and run the job worker. PORT (default 8000)."""

from __future__ import annotations

import multiprocessing
import os
import socket
import sys
import time
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from bangfu.access.models import Unit


class Command(BaseCommand):
    help = "Migrate, build the demo if the database is empty, serve and run the jobs; Ctrl-C ends all."

    def handle(self, *args: Any, **options: Any) -> None:
        port = int(os.environ.get("PORT", "8000"))
        host = os.environ.get("HOST", "127.0.0.1")
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError:
                self.stderr.write(
                    _("端口 %(port)d 被别的程序占用。换一个：PORT=%(next)d make run") % {"port": port, "next": port + 1}
                )
                sys.exit(2)
        call_command("migrate", verbosity=0)
        if not Unit.objects.exists():
            began = time.monotonic()
            self.stdout.write(_("数据库是空的，正在建示范数据（开远，约 20 秒）…"))
            self.stdout.flush()
            call_command("demo", stdout=self.stdout)
            self.stdout.write(_("示范数据建好，用时 %(s).1f 秒。") % {"s": time.monotonic() - began})
        self._banner(host, port)
        self._serve(host, port)

    def _banner(self, host: str, port: int) -> None:
        from bangfu.demo.cast import DEMO_PASSWORD, accounts

        rows = accounts()
        if rows:
            self.stdout.write("\n" + _("示范账号（密码都是 %(password)s）：") % {"password": DEMO_PASSWORD})
            for username, name, role in rows:
                self.stdout.write(f"  {username:<12} {name}\t{role}")
        self.stdout.write("\n" + _("帮扶已就绪: %(url)s   (Ctrl-C 结束)") % {"url": f"http://{host}:{port}/"} + "\n")
        self.stdout.flush()

    def _serve(self, host: str, port: int) -> None:
        """The web process is started afresh, not forked: a fork would copy the job thread's locks and the open database."""
        from granian.server import Server

        from bangfu.config import jobs

        multiprocessing.set_start_method("spawn", force=True)
        worker = jobs.start()
        try:
            Server(
                "bangfu.config.wsgi:application",
                address=host,
                port=port,
                interface="wsgi",
                workers=int(os.environ.get("WORKERS", "1")),
                blocking_threads=4,
                log_access=False,
                log_level="warning",
            ).serve()
        finally:
            jobs.end(worker)
