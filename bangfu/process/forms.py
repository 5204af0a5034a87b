"""Input of a case's pages; what comes out is fen, days and words of the rules, never typed text."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.access.forms import DayField
from bangfu.access.models import Account, Unit
from bangfu.access.scope import accounts_with
from bangfu.disclosure.lines import Channel
from bangfu.disclosure.models import POSTERS
from bangfu.governance.models import Session
from bangfu.ledger.forms import YuanField
from bangfu.lib.days import today
from bangfu.policy.queries import pack_of
from bangfu.process import pack
from bangfu.process.advice import reads
from bangfu.process.conflicts import kin_reason
from bangfu.process.flow.investigate import companions, wants_two
from bangfu.process.flow.notice import channels_of, may_add_channels, places_in_words, wants_checker
from bangfu.process.flow.propose import waiting_levels
from bangfu.process.models import Award, Case, FollowUp, Upward

LONG: dict[str, Any] = {"widget": forms.Textarea(attrs={"rows": 3}), "max_length": 1000}
YES_NO = [("no", _("没有")), ("yes", _("有")), ("", _("还不清楚"))]


class CaseForm(forms.Form):
    """A form of one case. `initial_of` fills it from what is known; `version` is compared by the transition."""

    def __init__(self, *args: Any, case: Case, at: datetime, **kwargs: Any) -> None:
        self.case, self.at = case, at
        super().__init__(*args, **kwargs)


class ManyFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files at once; answers a list."""

    widget = ManyFilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        given = data if isinstance(data, (list, tuple)) else [data] if data else []
        return [super(ManyFilesField, self).clean(one, initial) for one in given if one]


class TellingField(forms.ChoiceField):
    """有, 没有, 还不清楚 -> True, False, None."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=YES_NO, widget=forms.RadioSelect, required=False, **kwargs)

    def clean(self, value: Any) -> Any:
        return {"yes": True, "no": False}.get(super().clean(value))


class PaperForm(CaseForm):
    item = forms.ChoiceField(label=_("哪一项材料"))
    file = forms.FileField(label=_("文件"), required=False, help_text=_("照片、PDF 或表格，20 MB 以内"))
    remark = forms.CharField(
        label=_("备注"), max_length=200, required=False, help_text=_("只看过原件的，写“原件已核对”；沿用旧档案的也写明")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        items = pack.papers_asked(self.case, {"main_cause": None}, today(self.at))
        self.fields["item"].choices = [(paper.id, paper.title) for paper in items]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if not data.get("file") and not data.get("remark") and "file" not in self.errors:
            self.add_error("file", _("还没有选文件。请拍照或选文件；只看过原件的，在备注里写明。"))
        return data


class PaperRequestForm(CaseForm):
    text = forms.CharField(label=_("还要补什么"), help_text=_("写给申请人看，说清楚哪一份、到哪里开"), **LONG)


class SurveyForm(CaseForm):
    """What two people saw. Of the facts that only a visit tells, those that the case's rules read."""

    TOLD = ("refuses_check", "has_hidden_income", "is_aided_elsewhere")
    visited_on = DayField(label=_("哪天入户"), help_text=_("例如 2026-11-13"))
    companion_account = forms.ModelChoiceField(
        label=_("同去的人"), queryset=Account.objects.none(), empty_label=_("请选"), help_text=_("入户要两个人；她用自己的账号确认后才算数"),
        error_messages={"required": _("没有选同去的人。入户要两个人，请选一位。")},
    )  # fmt: skip
    companion = forms.CharField(label=_("同去的人"), max_length=60, required=False)
    place = forms.CharField(label=_("在哪里"), max_length=80, initial=_("家中"))
    findings = forms.CharField(
        label=_("看到的情况"), help_text=_("住房、身体、收入、上学、欠债，写您看到听到的"), widget=forms.Textarea(attrs={"rows": 4}),
        max_length=3000,
    )  # fmt: skip
    found_size = forms.IntegerField(label=_("家里几口人"), min_value=1, max_value=30)
    found_income_fen = YuanField(label=_("近 12 个月全家收入（元）"))
    differences = forms.CharField(
        label=_("与档案不一致的说明"), required=False, max_length=500, help_text=_("人口或收入与档案不同时要写"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    refuses_check = TellingField(label=_("有没有拒绝配合调查核查？"))
    has_hidden_income = TellingField(label=_("有没有隐瞒收入或人口变动？"))
    is_aided_elsewhere = TellingField(label=_("同一事由从别处领过救助吗？"))
    asked_fen = YuanField(label=_("本人申请多少（元）"), required=False, help_text=_("申请时没有写的，在这里问清楚"))
    loss_fen = YuanField(label=_("这次的支出或损失（元）"), required=False)
    photos = ManyFilesField(label=_("入户照片"), required=False, help_text=_("可以选几张；位置信息会自动去掉"))

    def __init__(self, *args: Any, by: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.case.is_at("investigate") and wants_two(self.case):
            del self.fields["companion"]
            people = [one.pk for one in companions(self.case, by)]
            self.fields["companion_account"].queryset = Account.objects.filter(pk__in=people)  # type: ignore[attr-defined]
        else:
            del self.fields["companion_account"]
        wanted = reads(self.case, today(self.at))
        unasked = self.case.awards.filter(asked_fen=None).exists()
        for name in (*self.TOLD, "asked_fen"):
            if name not in wanted or (name == "asked_fen" and not unasked):
                del self.fields[name]


class CheckForm(CaseForm):
    degree = forms.ChoiceField(label=_("困难程度"), widget=forms.RadioSelect)
    grade = forms.ChoiceField(label=_("档次"), required=False)
    proposed_fen = YuanField(label=_("拟帮扶金额（元）"))
    is_aided_elsewhere = TellingField(label=_("同一事由从别处领过救助吗？"))
    opinion = forms.CharField(label=_("评审意见"), **LONG)
    deviation_reason = forms.CharField(
        label=_("与建议不同的理由"), required=False, max_length=500, help_text=_("金额或结果与系统建议不同时要写"),
        widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        allowed = self.case.stage.params.get("degrees", Case.Degree.values) if self.case.is_at("check") else Case.Degree.values
        words = dict(Case.Degree.choices)
        self.fields["degree"].choices = [(code, words[code]) for code in allowed if code in words]  # type: ignore[attr-defined]
        classes = pack.pack(self.case).primary
        grades = [(one.id, one.title) for one in classes.classes] if classes else []
        self.fields["grade"].choices = [("", _("不变")), *grades]  # type: ignore[attr-defined]


class UpwardForm(CaseForm):
    level = forms.ChoiceField(label=_("报到哪里"))
    asked_fen = YuanField(label=_("请求帮扶（元）"), required=False)
    text = forms.CharField(label=_("上报的内容"), **LONG)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sent = set(self.case.upwards.filter(sent_at__gte=self.case.stage_since).values_list("level", flat=True))
        words = dict(Upward.Level.choices)
        left = [level for level in waiting_levels(self.case) if level not in sent] if self.case.is_at("propose") else []
        self.fields["level"].choices = [(level, words[level]) for level in left]  # type: ignore[attr-defined]


class UpwardAnswerForm(CaseForm):
    level = forms.ChoiceField(label=_("谁答复的"))
    outcome = forms.ChoiceField(label=_("结果"), choices=Upward.Outcome.choices, widget=forms.RadioSelect)
    granted_fen = YuanField(label=_("给予的金额（元）"), required=False)
    answered_on = DayField(label=_("答复日期"))
    answer = forms.CharField(label=_("答复的内容"), **LONG)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        waiting = self.case.upwards.filter(outcome="").values_list("level", flat=True)
        words = dict(Upward.Level.choices)
        self.fields["level"].choices = [(level, words[level]) for level in waiting]  # type: ignore[attr-defined]


class NoticeForm(CaseForm):
    """Where it is shown and who checks it. A place of the rules that is left out comes back with the reason (the flow)."""

    channels = forms.MultipleChoiceField(
        label=_("在哪里公示"), choices=Channel.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    checked_by = forms.ModelChoiceField(
        label=_("核对的人"), queryset=Account.objects.none(), required=False, empty_label=_("不另找人核对，直接发布"),
        help_text=_("用自己的账号看过各处要显示的内容，确认后才发布，公示期从那天算"),
    )  # fmt: skip

    def __init__(self, *args: Any, by: Account | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = {account.pk for role in POSTERS for account in accounts_with(role, self.case.unit)} - {by.pk if by else None}
        able = [one for one in Account.objects.filter(pk__in=people) if not kin_reason(one, self.case)]
        self.fields["checked_by"].queryset = Account.objects.filter(pk__in=[one.pk for one in able])  # type: ignore[attr-defined]
        if not self.case.is_at("notice"):
            return
        ruled = channels_of(self.case)
        self.fields["channels"].initial = ruled
        self.fields["channels"].help_text = _("办法第%(clause)s条规定：%(places)s，不能少") % {
            "clause": self.case.stage.clause, "places": places_in_words(ruled),
        }  # fmt: skip
        if not may_add_channels(self.case):
            self.fields["channels"].choices = [one for one in Channel.choices if one[0] in ruled]  # type: ignore[attr-defined]
        if wants_checker(self.case):
            self.fields["checked_by"].required = True
            self.fields["checked_by"].empty_label = _("请选一位同事")  # type: ignore[attr-defined]
            self.fields["checked_by"].error_messages["required"] = _(
                "还没有选核对的人。办法第%(clause)s条要求由两个人发布，请选一位同事。"
            ) % {"clause": self.case.stage.clause}


class ConfirmNoticeForm(CaseForm):
    """The digest of what stood on the checker's page."""

    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class ObjectionForm(CaseForm):
    award_number = forms.ChoiceField(label=_("对哪一件"), required=False)
    text = forms.CharField(label=_("意见"), **LONG)
    is_named = forms.TypedChoiceField(
        label=_("实名还是匿名"), choices=[("0", _("匿名")), ("1", _("实名"))], coerce=lambda value: value == "1", initial="0",
        widget=forms.RadioSelect,
    )  # fmt: skip
    name = forms.CharField(label=_("反映人姓名"), max_length=60, required=False)
    contact = forms.CharField(label=_("联系方式"), max_length=100, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        numbers = [award.number for award in self.case.awards.select_related("case") if award.is_in]
        self.fields["award_number"].choices = [("", _("整个公示")), *((number, number) for number in numbers)]  # type: ignore[attr-defined]


class ReviewForm(CaseForm):
    recommended_fen = YuanField(label=_("建议金额（元）"), help_text=_("不能高于公示过的金额"))
    opinion = forms.CharField(label=_("复核意见"), **LONG)


class AgendaForm(CaseForm):
    session = forms.ModelChoiceField(label=_("哪次会"), queryset=Session.objects.none(), empty_label=None)

    def __init__(self, *args: Any, by: Account, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ahead = Session.objects.visible_to(by).filter(closed_at=None, committee__unit__in=_above(self.case.unit))
        self.fields["session"].queryset = ahead.select_related("committee").order_by("held_at")  # type: ignore[attr-defined]


class ReturnForm(CaseForm):
    to = forms.ChoiceField(label=_("退回到"))
    reason = forms.CharField(label=_("退回的原因"), help_text=_("写明要补什么、改什么"), **LONG)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        targets = pack.returns_to(self.case) if self.case.is_open else ()
        self.fields["to"].choices = [(stage.id, stage.title) for stage in targets]  # type: ignore[attr-defined]


class ReasonForm(CaseForm):
    reason = forms.CharField(label=_("原因"), **LONG)


class RefusalForm(CaseForm):
    clause = forms.ChoiceField(label=_("依据哪一条"))
    missing = forms.CharField(label=_("缺什么、差在哪里"), **LONG)
    whom_to_ask = forms.CharField(label=_("找谁问"), max_length=120, help_text=_("姓名或岗位，和电话"))
    reason = forms.CharField(label=_("不予救助的理由"), **LONG)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rules = pack.pack(self.case).regulation
        self.fields["clause"].choices = [  # type: ignore[attr-defined]
            (clause, f"{clause}　{rules.words(clause)[:30]}") for clause in rules.clauses
        ]


class SecondRequestForm(CaseForm):
    text = forms.CharField(label=_("再次申请的理由"), **LONG)


class FollowUpForm(CaseForm):
    visited_on = DayField(label=_("哪天回访"))
    result = forms.ChoiceField(label=_("现在怎么样"), choices=FollowUp.Result.choices, widget=forms.RadioSelect)
    remark = forms.CharField(label=_("回访情况"), **LONG)
    needs = forms.CharField(label=_("还需要什么"), max_length=200, required=False)


class ClosingReportForm(CaseForm):
    text = forms.CharField(label=_("办结报告"), widget=forms.Textarea(attrs={"rows": 5}), max_length=3000)


class DropForm(CaseForm):
    award = forms.ModelChoiceField(label=_("去掉哪一户"), queryset=Award.objects.none())
    reason = forms.CharField(label=_("去掉的原因"), max_length=300)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["award"].queryset = self.case.awards.filter(dropped_reason=None).select_related("case")  # type: ignore[attr-defined]
        self.fields["award"].label_from_instance = lambda award: f"{award.number} {award.payee_name}"  # type: ignore[attr-defined]


class SettleForm(CaseForm):
    opinion = forms.CharField(label=_("说明"), required=False, **LONG)


class EmptyForm(CaseForm):
    """A button alone: accept, countersign, close the notice, carry out the resolution."""


class CampaignForm(forms.Form):
    """Choose the programme of a list and the period; households are picked in the table below."""

    programme = forms.ChoiceField(label=_("项目"))
    period = forms.CharField(label=_("期次"), max_length=20, help_text=_("一般写年份；同一期每家只发一次"))
    title = forms.CharField(label=_("名称"), max_length=60, required=False, help_text=_("空着就用项目的名称"))
    unit = forms.ModelChoiceField(label=_("单位"), queryset=Unit.objects.none(), empty_label=None)
    grade = forms.ChoiceField(label=_("档次"), required=False)
    cause = forms.ChoiceField(label=_("原因"), required=False)

    def __init__(self, *args: Any, account: Account, at: datetime, **kwargs: Any) -> None:
        from bangfu.access.scope import within
        from bangfu.household.models.words import CAUSE_CHOICES
        from bangfu.policy.queries import all_in_force
        from bangfu.process.flow.campaign import STARTERS

        super().__init__(*args, **kwargs)
        units = within(Unit.objects.all(), account, unit_path="path", roles=STARTERS)
        self.fields["unit"].queryset = units  # type: ignore[attr-defined]
        first = units.order_by("path").first()
        versions = all_in_force(first, today(at)) if first else []
        self.programmes = [one for version in versions for one in pack_of(version).programmes if one.is_list]
        self.fields["programme"].choices = [(one.id, one.title) for one in self.programmes]  # type: ignore[attr-defined]
        classes = [one for version in versions if (group := pack_of(version).primary) is not None for one in group.classes]
        self.fields["grade"].choices = [("", _("全部档次")), *((one.id, one.title) for one in classes)]  # type: ignore[attr-defined]
        self.fields["cause"].choices = [("", _("全部原因")), *CAUSE_CHOICES]  # type: ignore[attr-defined]


def _above(unit: Unit) -> list[int]:
    return [int(part) for part in unit.path.split("/") if part]
