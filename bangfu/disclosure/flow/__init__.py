"""What happens to a notice: put up, objected to, answered, closed or taken down. One file a subject."""

from bangfu.disclosure.flow.common import digest_of
from bangfu.disclosure.flow.objections import (
    MAX_OBJECTIONS_A_DAY,
    MAX_TEXT,
    answer_objection,
    raise_objection,
    show_objector,
)
from bangfu.disclosure.flow.posting import close, narrow, post, take_down

__all__ = [
    "MAX_OBJECTIONS_A_DAY", "MAX_TEXT", "answer_objection", "close", "digest_of", "narrow", "post", "raise_objection",
    "show_objector", "take_down",
]  # fmt: skip
