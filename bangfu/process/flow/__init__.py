"""Everything that moves a case: one file a kind of stage, one function a verb.

Each locks the case, checks the stage's kind, the version token, role and duties, and its own guards; changes, records,
and ends with `advance`. Sums in fen; days in Asia/Shanghai; `at` an aware instant.
"""

from bangfu.process.flow.apply import accept, add_paper, ask_for_papers, remove_paper, start
from bangfu.process.flow.back import drop_award, refuse, send_back, withdraw
from bangfu.process.flow.campaign import settle_list, start_list
from bangfu.process.flow.check import check
from bangfu.process.flow.close import closing_report
from bangfu.process.flow.decide import ask_again, decide, put_on_agenda
from bangfu.process.flow.follow_up import follow_up
from bangfu.process.flow.investigate import countersign, deny_visit, hand_in_survey
from bangfu.process.flow.notice import (
    close_notice,
    confirm_notice,
    drop_notice_draft,
    keep_notice,
    post_notice,
    return_notice_draft,
    take_down_notice,
)
from bangfu.process.flow.objections import answer_objection, register_objection
from bangfu.process.flow.pay import reserve_again
from bangfu.process.flow.propose import record_answer, send_up
from bangfu.process.flow.review import review

__all__ = [
    "accept", "add_paper", "answer_objection", "ask_again", "ask_for_papers", "check", "close_notice", "closing_report",
    "confirm_notice", "countersign", "decide", "deny_visit", "drop_award", "drop_notice_draft", "follow_up", "hand_in_survey", "keep_notice",
    "post_notice", "put_on_agenda", "record_answer", "refuse", "register_objection", "remove_paper", "reserve_again",
    "return_notice_draft", "review", "send_back", "send_up", "settle_list", "start", "start_list", "take_down_notice",
    "withdraw",
]  # fmt: skip
