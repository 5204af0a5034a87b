"""What happens to a notice: put up, objected to, answered, closed or taken down. One file a subject."""

from bangfu.disclosure.flow.common import digest_of
from bangfu.disclosure.flow.cuttings import record_cutting
from bangfu.disclosure.flow.drafts import confirm, draft, drop, narrow_draft, send_back
from bangfu.disclosure.flow.objections import (
    MAX_OBJECTIONS_A_DAY,
    MAX_TEXT,
    answer_objection,
    raise_objection,
    show_objector,
)
from bangfu.disclosure.flow.posting import close, narrow, post, retract, take_down

__all__ = [
    "MAX_OBJECTIONS_A_DAY", "MAX_TEXT", "answer_objection", "close", "confirm", "digest_of", "draft", "drop", "narrow",
    "narrow_draft", "post", "raise_objection", "record_cutting", "retract", "send_back", "show_objector", "take_down",
]  # fmt: skip
