"""What the modules above do about notices and objections. Wiring appends; called inside the transaction, an exception undoes it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from bangfu.access.models import Account
    from bangfu.disclosure.models import Notice, Objection

#: What a notice is about ("process.case:12") is locked before the notice is: one order everywhere.
lock_above: list[Callable[[Collection[str]], None]] = []

#: An objection came in (`by` None: from the open page): the case puts a hold on its money.
on_objection: list[Callable[[Objection, Account | None, datetime], None]] = []

#: An objection was answered: the hold is lifted when none is open any more, or the case goes back when it is upheld.
on_answered: list[Callable[[Objection, Account, datetime], None]] = []

#: May the desk still register something after the notice ended? Each answers None (not its origin), "" (yes: the money is not
#: paid yet), or a whole sentence why it is too late. Nobody wired: too late.
takes_late: list[Callable[[Notice, str], str | None]] = []

#: A notice was taken down before its time: the case has to post again or go back.
on_taken_down: list[Callable[[Notice, Account, datetime], None]] = []


#: Each answers why the account must stay away from an origin ("process.case:12"), as a whole sentence (own case, kin), or "".
kept_away: list[Callable[[Account, str], str]] = []


def reason_to_stay_away(account: Account, notice: Notice) -> str:
    """The first reason why the account neither answers nor looks into what was said against the notice; "" when none."""
    return next((words for ask in kept_away if (words := ask(account, notice.origin))), "")


def why_too_late(notice: Notice, case_number: str = "") -> str:
    """ "" while the ended notice still takes an objection (about one line of it, or the whole); else why not, as a sentence."""
    answers = [words for ask in takes_late if (words := ask(notice, case_number)) is not None]
    return answers[0] if answers else _("公示已经结束，这里不再收意见。要反映情况，请打工会电话。")


@dataclass(frozen=True)
class Origin:
    """The page of what is noticed, for the link on the notice's own page."""

    url: str
    words: str


#: Each answers the page of an origin text ("process.case:12"), or None when it is not its own.
origins: list[Callable[[str], Origin | None]] = []


def origin_of(notice: Notice) -> Origin | None:
    return next((found for ask in origins if (found := ask(notice.origin))), None)
