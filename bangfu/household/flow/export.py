"""Take a list out of the system: masked, signed with who and when, and recorded."""

from __future__ import annotations

from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bangfu.access.models import Account, Unit
from bangfu.audit.record import record, recording
from bangfu.household import grades
from bangfu.household.models import Household
from bangfu.lib.days import local, today
from bangfu.lib.errors import Refused
from bangfu.lib.masking import mask_id, mask_phone


@recording
def export_list(files: QuerySet[Household], *, by: Account, at: datetime) -> bytes:
    """The files of a list as .xlsx: numbers masked, no income, no card, no diagnosis. Raises Refused on an empty list.

    One event with the count and the unit. Source: trust.md P15 (inert cells), PIPL 6 (only what the work needs).
    """
    from bangfu.lib.spreadsheet.writing import Column, write

    rows = list(files.select_related("unit").defer("card", "address", "record_key", "clue_note").order_by("head_pinyin", "pk"))
    if not rows:
        raise Refused(_("没有符合条件的档案，没有可导出的内容。请先改条件。"))
    organisation = Unit.objects.get(pk=rows[0].organisation_id)
    titles = grades.titles(organisation, today(at))
    columns = [
        Column(_("档号")), Column(_("姓名")), Column(_("单位"), width=20), Column(_("证件号码"), width=22), Column(_("手机号码"), width=16),
        Column(_("状态")), Column(_("困难档次")), Column(_("主要致困原因"), width=18), Column(_("人口"), kind="number"),
        Column(_("建档日期"), kind="day"),
    ]  # fmt: skip
    content = write(
        columns,
        (
            [
                row.number, row.head_name, row.unit.name, mask_id(row.identity), mask_phone(row.phone), str(row.get_state_display()),
                titles.get(row.grade, row.grade), str(row.get_main_cause_display()), row.size, row.opened_on,
            ]
            for row in rows
        ),
        title=_("家庭档案名单"),
        notes=[_("%(who)s 于 %(when)s 导出，共 %(n)d 户。证件和手机已隐去。") % {"who": by.name, "when": f"{local(at):%Y-%m-%d %H:%M}", "n": len(rows)}],
        sheet=_("档案"),
    )  # fmt: skip
    record("household.list_exported", organisation, by=by, at=at, unit=organisation, rows=len(rows))
    return content
