"""What the worker does for simulations: work off those that wait, tell who ordered them."""

from __future__ import annotations

import logging
from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.lib.ending import Ended
from bangfu.lib.errors import Refused
from bangfu.notify.flow import tell
from bangfu.reporting.simulation.flow import TRIES_AFTER, run
from bangfu.reporting.simulation.models import Scenario

log = logging.getLogger("bangfu.simulations")
S = Scenario.State


def run_pending(*, at: datetime) -> int:
    """Work off the waiting scenarios, oldest first; answers how many."""
    waiting = Scenario.objects.runnable(at - TRIES_AFTER).order_by("pk")
    done = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        scenario = Scenario.objects.get(pk=pk)
        try:
            scenario = run(scenario, at=at)
        except Ended:
            raise
        except Refused:
            scenario = Scenario.objects.get(pk=pk)
        except Exception:
            log.exception("scenario %s failed", pk)
            scenario = Scenario.objects.get(pk=pk)
        done += 1
        words = {S.DONE: _("测算方案 %(n)d 算完了，请看结果。"), S.FAILED: _("测算方案 %(n)d 没有算成，请看原因。")}
        if scenario.state in words:
            tell([scenario.made_by], words[S(scenario.state)] % {"n": pk}, url=scenario.get_absolute_url(), at=at)
    return done
