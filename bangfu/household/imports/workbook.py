"""The workbooks of an import: the template to fill in, and the bad rows to mend, red and with their reasons."""

from __future__ import annotations

from datetime import date, datetime

from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.audit.record import record, recording
from bangfu.household import grades
from bangfu.household.imports.columns import YES_NO, columns_of
from bangfu.household.imports.fields import Column
from bangfu.household.imports.judging import OWN_ROW
from bangfu.household.imports.models import ImportBatch
from bangfu.household.imports.outcome import Examination
from bangfu.household.models.words import (
    CAUSE_CHOICES,
    Health,
    IdentityKind,
    IncomeKind,
    NationalClass,
    Relation,
    SchoolStage,
    Sex,
    StaffStatus,
)
from bangfu.lib import spreadsheet

_CHOICES = {
    "sex": [str(Sex.MALE.label), str(Sex.FEMALE.label)],
    "identity_kind": [str(label) for label in IdentityKind.labels],
    "status": [str(label) for label in StaffStatus.labels],
    "cause": [str(title) for _code, title in CAUSE_CHOICES],
    "relation": [str(label) for code, label in Relation.choices if code != Relation.SELF],
    "health": [str(label) for label in Health.labels],
    "school_stage": [str(label) for label in SchoolStage.labels],
    "income_kind": [str(label) for label in IncomeKind.labels],
    **dict.fromkeys(("is_employed", "can_work", "has_medical_insurance"), [str(_yes_no) for _code, _yes_no in YES_NO]),
    "national_class": [str(label) for code, label in NationalClass.choices if code != NationalClass.NONE],
}
_LEFT_OUT = ("per_head_fen",)  # only compared when a file has it; nobody needs to fill it in
_WIDE = {"identity": 22, "head_identity": 22, "card": 24, "bank_name": 22, "unit": 18, "cause": 18}


def template(kind: str, unit: Unit, *, on: date) -> bytes:
    """An empty table of this kind: required columns coloured, drop-downs of what is known, an example row, notes above."""
    choices = dict(_CHOICES)
    choices["unit"] = list(Unit.objects.filter(path__startswith=unit.path).order_by("path").values_list("name", flat=True))[:500]
    choices["grade"] = [grade.title for grade in grades.of(unit, on)]
    columns = [_column(column, choices.get(column.key, ())) for column in columns_of(kind) if column.key not in _LEFT_OUT]
    notes = [
        _("黄底的列必须填。身份证号、手机号码、银行卡号已设为文本，直接粘贴即可；灰色斜体是示例，导入时会跳过。"),
        _("金额按元填写。合计行、签字行可以保留，系统会自己认出来。"),
    ]
    title = {
        ImportBatch.Kind.ROSTER: _("职工花名册"), ImportBatch.Kind.ARCHIVE: _("困难职工花名册"), ImportBatch.Kind.MEMBERS: _("困难职工家庭成员"),
    }[ImportBatch.Kind(kind)]  # fmt: skip
    return spreadsheet.write(columns, [], title=title, notes=notes, sheet=title)


def _column(column: Column, choices: list[str] | tuple[()]) -> spreadsheet.Column:
    title = str(column.title) + (_("（元）") if column.sums == "fen" else "")
    example = column.example or (choices[0] if choices else None)
    return spreadsheet.Column(
        title, width=_WIDE.get(column.key, 14), required=column.required, choices=choices, note=str(column.note), example=example
    )


@recording
def bad_rows(batch: ImportBatch, *, by: Account, at: datetime) -> bytes:
    """The rows in error as they stand in the file (with the cells mended so far), red where they are wrong, with the reasons.

    All columns are kept, so that the mended rows alone can be uploaded again. The download is recorded: it shows numbers of papers.
    """
    examined = Examination(batch, at=at)
    found: dict[int, tuple[str, set[int]]] = {}
    for chunk in examined.walk():
        for each in chunk:
            if each.row.problems:
                reasons = "；".join(f"{one.title}：{one.reason}{one.remedy}" for one in each.row.problems)
                found[each.row.number] = (reasons, {one.at for one in each.row.problems if one.at != OWN_ROW})
    places = [column["at"] for column in batch.columns]
    columns = [spreadsheet.Column(column["title"], width=18) for column in batch.columns]
    rows, bad = [], []
    for number, (_reasons, cells) in found.items():
        raw, fixed = examined.sheet.rows[number - 1], examined.judge.fixes.get(number, {})
        rows.append([fixed.get(place, raw[place].text) for place in places])
        bad.append([at for at, place in enumerate(places) if place in cells])
    record("household.import_bad_rows_downloaded", batch, by=by, at=at, unit=batch.unit, number=batch.number, rows=len(rows))
    return spreadsheet.write(
        columns,
        rows,
        sheet=_("错误行"),
        reasons=[reasons for reasons, _cells in found.values()],
        reason_title=_("原因"),
        bad_cells=bad,
    )
