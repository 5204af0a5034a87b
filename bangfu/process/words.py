"""Words that several pages of a case share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from bangfu.disclosure.lines import USUAL, Category, Channel

#: The local cause -> the one word that a notice says about it.
CATEGORY_OF_CAUSE: dict[str, str] = {
    "own_illness": Category.ILLNESS,
    "family_illness": Category.ILLNESS,
    "disability": Category.DISABILITY,
    "no_work_ability": Category.DISABILITY,
    "schooling": Category.SCHOOLING,
    "disaster": Category.DISASTER,
    "accident": Category.ACCIDENT,
    "work_injury": Category.ACCIDENT,
    "theft": Category.ACCIDENT,
    "unemployment": Category.JOBLESS,
    "not_employed": Category.JOBLESS,
    "low_income": Category.LOW_INCOME,
    "child_raising": Category.LOW_INCOME,
    "elder_support": Category.LOW_INCOME,
}

#: The pack's words for where a notice hangs (policy.pack.NOTICE_PLACES) -> the channel.
CHANNELS: dict[str, str] = {
    "unit_board": Channel.BOARD,
    "intranet": Channel.INTRANET,
    "open_page": Channel.OPEN,
    "newspaper": Channel.NEWSPAPER,
    "tv": Channel.TV,
}


def places_of(params: Mapping[str, Any]) -> list[str]:
    """The channels that a stage's params name; where they name none, the usual ones. A pack with another word is refused."""
    words = params.get("channels")
    return [CHANNELS[word] for word in words] if words else list(USUAL)


#: kind of stage -> (icon, the button of the to-do, what is to be done).
ACTS = {
    "apply": ("file-text", _("去受理"), _("受理申请")),
    "investigate": ("home", _("填入户表"), _("入户调查")),
    "check": ("checks", _("去评审"), _("评审困难程度")),
    "propose": ("send", _("去上报"), _("上报")),
    "notice": ("speakerphone", _("看公示"), _("公示")),
    "review": ("checks", _("去复核"), _("复核")),
    "decide": ("gavel", _("去评审会"), _("评审会")),
    "pay": ("cash", _("去发放"), _("发放")),
    "follow_up": ("map-pin", _("写回访"), _("回访")),
    "close": ("folder", _("写办结"), _("办结归档")),
}

#: kind of stage -> its tab in the list.
TABS = {
    "apply": _("申请"),
    "investigate": _("入户"),
    "check": _("评审"),
    "propose": _("上报与名单"),
    "notice": _("公示"),
    "review": _("复核"),
    "decide": _("评审会"),
    "pay": _("发放"),
    "follow_up": _("回访"),
    "close": _("归档"),
}

#: act of a step -> (icon, what the timeline says).
STEPS = {
    "accept": ("check", _("受理申请")),
    "ask_for_papers": ("message-dots", _("通知补材料")),
    "hand_in_survey": ("home", _("交入户调查表")),
    "confirm_visit": ("signature", _("确认同去入户")),
    "deny_visit": ("ban", _("没有同去，入户表作废")),
    "countersign": ("signature", _("会签入户调查表")),
    "check": ("checks", _("评审困难程度")),
    "send_up": ("send", _("上报")),
    "record_answer": ("message-dots", _("登记上级答复")),
    "settle_list": ("list-search", _("提出名单")),
    "draft_notice": ("speakerphone", _("拟公示，交人核对")),
    "return_notice_draft": ("arrow-back-up", _("退回公示拟稿")),
    "drop_notice_draft": ("arrow-back-up", _("收回公示拟稿")),
    "post_notice": ("speakerphone", _("发布公示")),
    "close_notice": ("speakerphone", _("结束公示")),
    "keep_notice": ("speakerphone", _("沿用前次公示")),
    "take_down_notice": ("ban", _("撤下公示")),
    "objection": ("message-report", _("收到异议，钱先不付")),
    "answer_objection": ("message-report", _("答复异议")),
    "review": ("checks", _("复核")),
    "put_on_agenda": ("gavel", _("排进评审会")),
    "take_off_agenda": ("arrow-back-up", _("撤下议题")),
    "decide": ("gavel", _("办理决议")),
    "paid": ("cash", _("付款")),
    "payment_failed": ("alert-triangle", _("银行退回")),
    "receipted": ("signature", _("双方签收")),
    "reserve_again": ("cash", _("重新预留")),
    "follow_up": ("map-pin", _("回访")),
    "closing_report": ("folder", _("办结归档")),
    "send_back": ("arrow-back-up", _("退回")),
    "withdraw": ("arrow-back-up", _("撤回申请")),
    "refuse": ("ban", _("不予救助")),
    "ask_again": ("message-circle", _("再次申请")),
    "drop_award": ("x", _("从名单上去掉")),
}
OUTCOMES = {
    "returned": _("退回"),
    "waits_for_countersignature": _("等会签"),
    "waits_for_companion": _("等同去的人确认"),
    "to_notice": _("先公示"),
    "dismissed": _("异议不成立"),
    "upheld": _("异议成立"),
    "granted": _("给予帮扶"),
}
