"""复核: the committee's office looks the whole case through and recommends a sum."""

from __future__ import annotations

from datetime import datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account
from bangfu.audit.record import recording
from bangfu.lib.errors import Refused
from bangfu.lib.money import yuan
from bangfu.process.flow.common import advance, clean, locked, note, only_award, require
from bangfu.process.models import Case


@recording
def review(pk: int, *, version: int, recommended_fen: int, opinion: str, by: Account, at: datetime) -> Case:
    """复核并提出建议金额, at most what was noticed; a higher one must be noticed again (send back).

    Raises Refused, Stale, PermissionDenied. Source: S0-16 (3).
    """
    case = locked(pk, kind="review", version=version)
    require(case, by)
    award = only_award(case)
    if recommended_fen <= 0:
        raise Refused(_("建议金额要大于 0。不予救助的，请用“不予救助”，并写明理由。"))
    if award.noticed_fen is None or recommended_fen > award.noticed_fen:
        raise Refused(
            _("公示过的金额是 ¥%(sum)s，不能高于它。要提高，请退回重新评审、重新公示。") % {"sum": yuan(award.noticed_fen or 0)}
        )
    opinion = clean(opinion, least=4, what=_("复核意见"))
    award.proposed_fen = recommended_fen
    award.save(update_fields=["proposed_fen"])
    note("process.case_reviewed", case, by=by, at=at, recommended_fen=recommended_fen, noticed_fen=award.noticed_fen)
    return advance(case, "passed", act="review", by=by, at=at, reason=opinion)
