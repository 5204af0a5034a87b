"""What a committee does: call a session, open it with a quorum, vote, resolve, close with minutes."""

from bangfu.governance.flow.agenda import put_on_agenda, take_off_agenda
from bangfu.governance.flow.committee import form_committee, seat_member, unseat_member
from bangfu.governance.flow.common import SETTERS
from bangfu.governance.flow.session import attend, close_session, convene, move_session, open_session, print_minutes, sign_minutes
from bangfu.governance.flow.vote import cast_vote, recuse, resolve

__all__ = [
    "SETTERS", "attend", "cast_vote", "close_session", "convene", "form_committee", "move_session", "open_session", "print_minutes", "put_on_agenda", "recuse",
    "resolve", "seat_member", "sign_minutes", "take_off_agenda", "unseat_member",
]  # fmt: skip
