"""The kit: every part and state of the pages, with made-up content. Nothing here reads or writes the database."""

from datetime import date

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _

SAMPLE_PHONE = "13800006021"


class SampleForm(forms.Form):
    """The states of a field: wrong, plain, optional, fixed, chosen."""

    id_number = forms.CharField(label=_("身份证号"))
    income = forms.DecimalField(label=_("月收入（元）"), error_messages={"invalid": _("要填数字，例如 3200。")})
    remark = forms.CharField(label=_("备注"), required=False, widget=forms.Textarea(attrs={"rows": 2}))
    unit = forms.ChoiceField(label=_("部门"), choices=[("1", _("设备动力部")), ("2", _("变电运行部"))])
    share = forms.CharField(label=_("金额（元）"), help_text=_("每次 1,000.00 至 5,000.00 元"))
    how = forms.ChoiceField(
        label=_("怎样收款"), widget=forms.RadioSelect, choices=[("card", _("打到工资卡")), ("cash", _("签字领现金"))]
    )
    photo = forms.ImageField(label=_("照片"), required=False, help_text=_("手机拍的就行，太大的会自动缩小"))
    sure = forms.BooleanField(label=_("我已核对原件"))

    def clean_id_number(self) -> str:
        raise forms.ValidationError(_("少 1 位，现 17 位。对照证件补全。"))


class SampleNeeds(forms.Form):
    need = forms.MultipleChoiceField(
        label=_("您遇到了什么困难？"),
        help_text=_("可以选几样，我们来找合适的项目。"),
        widget=forms.CheckboxSelectMultiple,
        choices=[
            ("ill", _("生病、住院")),
            ("school", _("孩子上学")),
            ("jobless", _("没有工作、拿不到工资")),
            ("other", _("别的难处")),
        ],
    )
    health = forms.ChoiceField(
        label=_("看诊断书和发票"), widget=forms.RadioSelect, choices=[("yes", _("同意")), ("no", _("不同意"))]
    )


NEED_ICONS = {"ill": "stethoscope", "school": "school", "jobless": "briefcase-off", "other": "message-dots"}
NEED_HINTS = {"ill": _("本人或家里人"), "school": _("学费、生活费"), "other": _("下一页用几句话说")}

STAGES = [
    {"title": _("提交"), "detail": _("11月10日 20:14，您用手机提交"), "state": "done"},
    {"title": _("上门看望"), "detail": _("11月13日，李静宜、钱文静"), "state": "done"},
    {"title": _("公示 7 天"), "detail": _("11月17日 至 11月24日"), "state": "now", "url": "#main", "link": _("看公示")},
    {"title": _("评审会"), "detail": _("预计 11月26日"), "state": "todo"},
    {"title": _("到账"), "detail": _("预计 12月2日，工资卡 **** 4417"), "state": "todo"},
]
EVENTS = [
    {
        "at": date(2026, 11, 20),
        "icon": "eye",
        "text": _("李静宜查看手机号"),
        "detail": _("联系本人或入户；本人看得到这条"),
        "aside": "08:42",
    },
    {"at": date(2026, 11, 17), "icon": "speakerphone", "text": _("A-221 开始公示"), "url": "#main", "amount_fen": 100000},
    {
        "at": date(2026, 11, 13),
        "icon": "pencil",
        "text": _("月人均"),
        "was": "1,240.00",
        "now": "1,020.00",
        "detail": _("依据工资条 10 月"),
    },
    {"at": date(2026, 7, 3), "icon": "building-community", "text": _("市总工会一次性救助"), "amount_fen": 300000, "quiet": True},
    {
        "at": date(2025, 10, 16),
        "icon": "cash-banknote",
        "text": _("重病救助"),
        "detail": _("凭证 10-018，已签收"),
        "amount_fen": 150000,
    },
]
VIEWS = [
    {"title": _("全部"), "url": "#main", "count": 41, "current": True},
    {"title": _("钱"), "url": "#main", "count": 7},
    {"title": _("谁看过"), "url": "#main", "count": 11},
]


def kit(request: HttpRequest) -> HttpResponse:
    """The parts of a staff page. A POST with a reason shows the sample phone number, as a reveal does."""
    shown = bool(request.POST.get("reason"))
    if shown and "HX-Request" in request.headers:
        return render(request, "lib/_kit_revealed.html", {"phone": SAMPLE_PHONE})
    context = {
        "form": SampleForm(
            {"id_number": "53000019870412033", "income": str(_("三千二")), "unit": "1", "how": "card", "share": "3,000.00"}
        ),
        "page_obj": Paginator(range(23), 20).page(1),
        "progress_rows": STAGES,
        "events": EVENTS,
        "views": VIEWS,
        "phone": SAMPLE_PHONE,
        "shown": shown,
    }
    return render(request, "lib/kit.html", context)


def kit_phone(request: HttpRequest) -> HttpResponse:
    """The parts of the worker's phone and the open pages; `?elder=1` in 大字."""
    context = {
        "form": SampleNeeds(initial={"need": ["ill", "school"], "health": "yes"}),
        "icons": NEED_ICONS,
        "hints": NEED_HINTS,
        "progress_rows": STAGES,
        "elder": request.GET.get("elder") == "1" or request.COOKIES.get("elder") == "1",
    }
    return render(request, "lib/kit_phone.html", context)
