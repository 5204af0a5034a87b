"""The job worker of `make run`: a thread that runs the list of schedule.py until told to stop."""

from __future__ import annotations

import logging
import threading
import time

from django.db import close_old_connections, connections

from bangfu.config.schedule import JOBS
from bangfu.lib import ending
from bangfu.lib.days import now

log = logging.getLogger("bangfu.jobs")

#: Seconds that a job in hand gets to come to its next resting place when the server ends.
GRACE = 10.0


def work() -> None:
    """Run every due job; one that fails is logged and tried again at its next time."""
    due = dict.fromkeys(range(len(JOBS)), 0.0)
    while not ending.told():
        close_old_connections()
        for number, job in enumerate(JOBS):
            if ending.told() or time.monotonic() < due[number]:
                continue
            try:
                job.run(now())
            except ending.Ended:
                break
            except Exception:
                log.exception("job %s failed", job.name)
            due[number] = time.monotonic() + job.every
        ending.wait(1.0)
    connections.close_all()


def start() -> threading.Thread:
    """Start the worker; `end` ends it."""
    thread = threading.Thread(target=work, name="jobs", daemon=True)
    thread.start()
    return thread


def end(thread: threading.Thread) -> None:
    """Tell the jobs to end and wait for the one in hand: the database is then closed, nothing is half done."""
    ending.tell()
    thread.join(GRACE)
    connections.close_all()
