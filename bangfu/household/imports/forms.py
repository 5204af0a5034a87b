"""What the wizard asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from bangfu.household.fields import DayField
from bangfu.household.imports.columns import BY_KEY, COLUMNS, MEMBER_COLUMNS, columns_of
from bangfu.household.imports.models import ImportBatch


class UploadForm(forms.Form):
    """A file, or cells pasted from WPS; one of the two."""

    file = forms.FileField(
        label=_("选文件"), required=False, allow_empty_file=True, help_text=_("xlsx 或 csv，20 MB 以内，10 万行以内；csv 的 GBK、UTF-8 都认"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )  # fmt: skip
    text = forms.CharField(
        label=_("或者粘贴表格"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        help_text=_("在 WPS 或 Excel 里选中带表头的单元格，复制，再在这里按 Ctrl+V"),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("file") is None and not (data.get("text") or "").strip():
            self.add_error("file", _("没有选文件，也没有粘贴内容。请选一个表格，或粘贴带表头的单元格。"))
        return data


class ColumnsForm(forms.Form):
    """Which column of the file is which of ours; one select for each named column."""

    kind = forms.ChoiceField(label=_("这张表是什么"), choices=ImportBatch.Kind.choices)
    opened_on = DayField(label=_("没写建档日期的，统一按"), required=False, help_text=_("留空就按写入的那一天"))

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        self.fields["kind"].initial = batch.kind
        self.fields["opened_on"].initial = batch.opened_on
        mine, rest = [column.key for column in columns_of(batch.kind)], [column.key for column in COLUMNS + MEMBER_COLUMNS]
        every = list(dict.fromkeys([*mine, *rest]))
        choices = [("", _("不导入")), *((key, BY_KEY[key].title) for key in every)]
        for column in batch.columns:
            self.fields[f"column_{column['at']}"] = forms.ChoiceField(
                label=column["title"], choices=choices, required=False, initial=column["key"]
            )

    @property
    def matches(self) -> dict[int, str]:
        return {column["at"]: self.cleaned_data[f"column_{column['at']}"] for column in self.batch.columns}


class SheetForm(forms.Form):
    """Another sheet, or another row as the header."""

    sheet = forms.CharField(label=_("工作表"), required=False, max_length=100)
    header_row = forms.IntegerField(
        label=_("表头在第几行"), required=False, min_value=1, max_value=100_000,
        error_messages={"invalid": _("行号要写数字，例如 3。"), "min_value": _("行号从 1 算起。")},
    )  # fmt: skip


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("为什么可以不一样"), max_length=300)


class UndoForm(forms.Form):
    """Typing the count shows that one knows how much is taken back."""

    count = forms.IntegerField(label=_("输入要撤销的行数"))


class LookUpForm(forms.Form):
    text = forms.CharField(
        label=_("名单"), widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}), max_length=200_000,
        help_text=_("身份证号或工号，一行一个；可以整列粘贴"),
    )  # fmt: skip
