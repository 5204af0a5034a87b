"""The acts of an import: upload, match, try out, mend, accept, write, take back. A dry run writes nothing into the register."""

from bangfu.household.imports.flow.applying import accept, order_writing, undo, write
from bangfu.household.imports.flow.columns import choose
from bangfu.household.imports.flow.common import discrepancies
from bangfu.household.imports.flow.jobs import advance, is_job, run_pending
from bangfu.household.imports.flow.trial import LISTED, mend, try_out
from bangfu.household.imports.flow.upload import drop, go_on, habits_of, look_again, same_file, upload, upload_text

__all__ = [
    "LISTED", "accept", "advance", "choose", "discrepancies", "drop", "go_on", "habits_of", "is_job", "look_again", "mend",
    "order_writing", "run_pending", "same_file", "try_out", "undo", "upload", "upload_text", "write",
]  # fmt: skip
