"""The job worker of `make run`: a thread that runs the list of schedule.py until told to stop."""

from __future__ import annotations

import logging
import threading
import time

from django.db import close_old_connections, connections

from bangfu.config.schedule import JOBS
from bangfu.lib.days import now

log = logging.getLogger("bangfu.jobs")


def work(stop: threading.Event) -> None:
    """Run every due job; one that fails is logged and tried again at its next time."""
    due = dict.fromkeys(range(len(JOBS)), 0.0)
    while not stop.is_set():
        close_old_connections()
        for number, job in enumerate(JOBS):
            if time.monotonic() < due[number]:
                continue
            try:
                job.run(now())
            except Exception:
                log.exception("job %s failed", job.name)
            due[number] = time.monotonic() + job.every
        stop.wait(1.0)
    connections.close_all()


def start() -> threading.Event:
    """Start the worker; set the answered event to end it."""
    stop = threading.Event()
    threading.Thread(target=work, args=(stop,), name="jobs", daemon=True).start()
    return stop
