"""The shared roster goes in as it is; the seven failures of other wizards, and the double import, do not happen here."""

from __future__ import annotations

import io
from datetime import timedelta

import pytest

from bangfu.audit.models import Event
from bangfu.household.imports.models import ColumnHabit, ImportBatch, ImportedRow
from bangfu.household.imports.tests.wizard import FILES, HEAD, Wizard, table, text_of
from bangfu.household.models import Change, Discrepancy, Household, Income, Staff
from bangfu.household.tests.makers import identity
from bangfu.lib.spreadsheet import read


@pytest.fixture
def li(cast):
    return Wizard(cast.li)


def person(serial: int, *, name: str = "", unit: str = "设备动力部", **cells: str) -> list[str]:
    number = cells.get("identity", identity(serial))
    name = name or f"张{'守诚德明长河云飞雪梅'[serial % 9]}{'春夏秋冬'[serial % 4]}"
    return [
        f"N{serial:04d}",
        name,
        number,
        unit,
        cells.get("phone", f"138000{serial:05d}"),
        cells.get("card", "6222021687536253779"),
    ]


def household(serial: int, size="3", wage="2000", annual="24000", cause="子女上学", grade="临时困难", **cells: str) -> list[str]:
    return [*person(serial, **cells), size, wage, annual, cause, grade]


def kinds(batch: ImportBatch) -> list[str]:
    return list(Event.objects.filter(subject=f"household.importbatch:{batch.pk}").order_by("seq").values_list("kind", flat=True))


@pytest.mark.parametrize("name", ["roster_kaiyuan_20.xlsx", "roster_gbk_20.csv"])
def test_the_shared_roster_goes_in_as_it_is(li, roster, gbk, name):
    li.upload(roster if name.endswith("xlsx") else gbk, name)
    assert (li.batch.kind, li.batch.header_row) == ("archive", 2 if name.endswith("xlsx") else 0)
    page = text_of(li.columns())
    assert "没有错误" in page and Staff.objects.count() == 0 and Household.objects.count() == 0
    done = text_of(li.write())
    assert "批次 1：已写入" in done
    assert (Staff.objects.count(), Household.objects.filter(state="filed").count(), ImportedRow.objects.count()) == (20, 20, 20)
    assert Discrepancy.objects.count() == 0
    sun = Staff.objects.get(worker_no="KY1001")
    assert (sun.name, sun.identity, sun.phone, sun.card) == ("孙秋菊", "530000198304186490", "13800019646", "6222021687536253779")
    assert (sun.unit.name, sun.status, sun.identity_kind, sun.post, sun.sex) == ("物资供应部", "on_post", "agency", "内退", "1")
    file = sun.households.get()
    assert (file.stated_size, file.stated_annual_fen, file.main_cause, file.grade) == (5, 4_080_000, "family_illness", "long")
    assert Income.objects.get(member__household=file).monthly_fen == 340_000
    assert kinds(li.batch) == [
        "household.import_uploaded", "household.import_matched", "household.import_tried", "household.import_ordered",
        "household.import_applied",
    ]  # fmt: skip
    rows = text_of(li.client.get(li.address("rows")))
    assert "孙秋菊" in rows and file.number in rows and "530000198304186490" not in rows


def test_the_same_file_again_is_noticed_and_needs_a_word(li, roster):
    li.upload(roster, "a.xlsx"), li.columns(), li.write()
    page = text_of(li.upload(roster, "b.xlsx"))
    assert "此文件已于 2026-11-20 10:00 由李静宜导入，批次 #1。" in page
    li.client.post(li.address("continuation"))
    page = text_of(li.columns())
    assert "没有可写入的行" in page and li.batch.rows_same == 20
    li.write()
    assert (Staff.objects.count(), Household.objects.count(), li.batch.state) == (20, 20, "tried")


def test_the_dry_run_writes_nothing_and_errors_name_row_column_reason_and_remedy(li):
    page = li.take(
        table(
            HEAD, person(1, identity="53000019780312001"), person(2, unit="设备部"), person(3, phone="1380001234"),
            person(4, identity="530000197903120000"), person(5, card="6222**4417"), person(6, name="张"),
        )
    )  # fmt: skip
    assert Staff.objects.count() == 0
    assert li.problems() == [
        (2, "身份证号", "少 1 位，现 17 位。对照证件补全。"),
        (3, "部门", "没有“设备部”这个部门。最接近的是“设备动力部”；若是新部门，请系统管理员先在“单位”页新建。"),
        (4, "手机号码", "手机号码应为 11 位，现 10 位。请核对后改正。"),
        (5, "身份证号", "Excel 已把末三位改成 000。请先把单元格设为文本，再对照证件重新输入。"),
        (6, "银行卡号", "有星号，是打码后的号。填完整卡号，或留空以后补。"),
        (7, "姓名", "“张”只有 1 个字。请填写与证件一致的全名。"),
    ]
    assert "第 2 行 身份证号" in page and ">写入 0 行<" not in page


def test_all_or_nothing_unless_skipping_is_chosen(li):
    content = table(HEAD, person(1), person(2, identity="123"), person(3))
    li.take(content)
    assert "还有 1 行有错误，整批都没有写入" in text_of(li.write())
    assert Staff.objects.count() == 0
    li.write(skip=True)
    assert set(Staff.objects.values_list("worker_no", flat=True)) == {"N0001", "N0003"}


def test_a_retry_after_skipping_makes_no_duplicates(li):
    li.take(table(HEAD, person(1), person(2, identity="123"), person(3)))
    li.write(skip=True)
    content = li.client.post(li.address("bad-rows")).content
    sheet = read(content, "bad.xlsx")
    cells = [[cell.text for cell in row] for row in sheet.rows]
    assert cells[0] == [*HEAD, "原因"] and cells[1][2] == "123" and "身份证号：" in cells[1][6] and len(cells) == 2
    li.take(table(HEAD, person(1), person(2), person(3)))
    assert (li.batch.rows_new, li.batch.rows_same) == (1, 2)
    li.write()
    assert Staff.objects.count() == 3


def test_a_misspelt_required_head_is_named_and_an_unused_column_is_shown(li):
    head = ["工号", "姓名", "身份正号", "部门", "班组长"]
    page = text_of(li.upload(table(head, ["N1", "张守诚", identity(1), "设备动力部", "王"])))
    assert "像是“身份证号”，请确认" in page and page.count("不会导入") == 1
    page = text_of(li.columns())
    assert "缺少必要的列：身份证号。" in page and li.batch.state == "matching"
    page = text_of(li.columns(身份正号="identity"))
    assert "<b>不会导入：</b>班组长" in page and li.batch.rows_new == 1
    assert ColumnHabit.objects.get(title="身份正号").key == "identity"
    li.upload(table(head, ["N2", "李云飞", identity(2), "设备动力部", ""]))
    assert li.batch.columns[2]["key"] == "identity"


def test_two_columns_of_one_meaning_are_refused(li):
    li.upload(table([*HEAD, "联系电话"], [*person(1), "13800000002"]))
    assert li.batch.columns[-1]["key"] == ""
    assert "有两列都对到了“手机号码”" in text_of(li.columns(联系电话="phone"))


def test_an_export_changed_and_imported_again_updates_cell_by_cell(li, clock):
    li.take(table(HEAD, person(1), person(2)))
    li.write()
    changed = [person(1, phone="13911112222"), person(2)]
    page = li.take(table([*HEAD, "岗位"], [*changed[0], "焊工"], [*changed[1], ""]))
    assert (li.batch.rows_changed, li.batch.rows_same, li.batch.rows_new) == (1, 1, 0)
    assert "138****0001" in page and "139****2222" in page and "13911112222" not in page
    clock.move(minutes=5)
    li.write()
    staff = Staff.objects.get(worker_no="N0001")
    assert (staff.phone, staff.post, staff.version) == ("13911112222", "焊工", 2)
    assert {(one.field, one.old, one.new, one.why) for one in Change.objects.filter(staff=staff)} == {
        ("phone", "13800000001", "13911112222", "导入批次 2"), ("post", "", "焊工", "导入批次 2"),
    }  # fmt: skip
    found = Staff.objects.filter(phone_tail=Staff(phone="2222", name="x")._meta.get_field("phone_tail").compute(staff))
    assert found.get() == staff
    li.undo()
    staff.refresh_from_db()
    assert (staff.phone, staff.post, li.batch.state) == ("13800000001", "", "undone")


def test_cells_are_mended_on_the_page_and_every_page_keeps_them(li):
    li.take(table(HEAD, person(1, identity="123"), person(2, unit="设备部")))
    li.fix(r2c2=identity(1))
    assert [row for row, _title, _why in li.problems()] == [3]
    li.fix(r3c3="设备动力部", r2c0="FORGED")
    assert li.problems() == [] and "N0001" in str(li.write()) + str(Staff.objects.values_list("worker_no", flat=True))
    assert Staff.objects.count() == 2


def test_the_batch_is_undone_within_a_day_while_untouched(li, roster, clock):
    li.upload(roster, "a.xlsx"), li.columns(), li.write()
    assert "行数填得不对" in text_of(li.undo(19)) and Staff.objects.count() == 20
    li.undo()
    assert Staff.objects.count() == 0 and Household.objects.exclude(state="struck").count() == 0
    assert "household.import_undone" in kinds(li.batch)
    li.upload(roster, "a.xlsx")
    assert li.batch.state == "matching"  # what was taken back may come again
    li.columns(), li.write()
    assert Household.objects.filter(state="filed").count() == 20
    clock.move(hours=25)
    assert "超过 24 小时" in text_of(Wizard(li.account).undo())


def test_a_touched_row_stops_the_undoing(li, cast, clock):
    from bangfu.household import flow

    li.take(table(HEAD, person(1), person(2)))
    li.write()
    staff = Staff.objects.get(worker_no="N0002")
    flow.correct(staff, "post", "焊工", why="对照劳动合同", by=cast.li, at=clock())
    assert "第 3 行" in text_of(li.undo()) and "已经有人改过" in text_of(li.client.get(li.address())) + text_of(li.undo())
    assert Staff.objects.count() == 2


def test_the_register_moving_after_the_dry_run_stops_the_writing(li, cast, clock):
    from bangfu.household import flow
    from bangfu.household.rows import StaffRow

    li.take(table(HEAD, person(1), person(2)))
    flow.enrol_staff(StaffRow(unit=cast.unit, worker_no="N0002", name="张别人", identity=identity(2)), by=cast.li, at=clock())
    assert "试算以后花名册或档案又有改动" in text_of(li.write())
    assert Staff.objects.count() == 1 and li.batch.state == "tried"


def test_doubles_in_the_file_and_against_the_roster_are_named(li, cast):
    li.take(table(HEAD, person(1)))
    li.write()
    other = person(7)
    li.take(table(HEAD, person(2), [*person(3)[:2], identity(2), *person(3)[3:]], ["N0001", *other[1:]], ["N9999", *person(1)[1:]]))
    assert [(row, why.split("。")[0]) for row, _title, why in li.problems()] == [
        (3, "和第 2 行是同一个号码"), (4, "工号 N0001 已经是张诚夏的，身份证号不同"), (5, "花名册上这个人的工号是 N0001"),
    ]  # fmt: skip


def test_a_clerk_writes_only_for_her_own_unit(cast):
    zhao = Wizard(cast.zhao)
    zhao.take(table(HEAD, person(1), person(2, unit="物资供应部")))
    assert zhao.problems() == [(3, "部门", "“物资供应部”不在您负责的单位里。请转给那里的工会干事导入，或删去这一行。")]
    assert Wizard(cast.wang).client.get(f"/imports/{zhao.batch.pk}/").status_code == 404
    assert Wizard(cast.stranger).client.get(f"/imports/{zhao.batch.pk}/").status_code == 404


def test_what_the_file_says_is_shown_to_the_uploader_alone_and_recorded_once(li, cast):
    li.take(table(HEAD, person(1, identity="53000019780312001"), person(2, card="62220216875362537790123456789012345")))
    assert "53000019780312001" in li.page()
    assert kinds(li.batch).count("household.import_revealed") == 1
    other = Wizard(cast.head).page()
    assert "53000019780312001" not in other and "内容只给上传的人看" in other
    assert Wizard(cast.head).client.post(li.address("bad-rows")).status_code == 403


def test_pasted_cells_come_in_too(li):
    lines = ["\t".join(HEAD), *("\t".join(person(serial)) for serial in (1, 2))]
    li.paste("\n".join(lines))
    li.columns()
    assert li.batch.rows_new == 2 and "没有粘贴内容" in text_of(li.paste(""))


def test_same_name_and_birth_date_are_shown_but_not_stopped(li):
    li.take(table(HEAD, person(1, name="张云飞"), person(2, name="张云飞")))
    assert (li.batch.rows_new, li.batch.rows_twin) == (2, 1)
    assert "文件第 2 行" in li.page(show="twins")


def test_an_open_file_takes_this_years_figures(li, cast):
    li.take(table(FILES, household(1), household(2)))
    li.write()
    li.take(table(FILES, household(1, wage="2100", annual="25200", grade="长期困难"), household(2, cause="残疾")))
    assert (li.batch.rows_changed, li.batch.households_new) == (2, 0)
    li.write()
    one, two = Household.objects.order_by("number")
    assert (one.stated_annual_fen, one.grade, two.main_cause) == (2_520_000, "long", "disability")
    assert Income.objects.get(member__household=one).monthly_fen == 210_000
    li.undo()
    one.refresh_from_db(), two.refresh_from_db()
    assert (one.stated_annual_fen, one.grade, two.main_cause) == (2_400_000, "temporary", "schooling")


def test_formulas_in_money_and_number_cells_are_refused(li):
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet()
    page.write_row(0, 0, FILES)
    page.write_row(1, 0, household(1))
    page.write_formula(1, 7, "=1000*2")
    page.write_formula(1, 2, '="530000"&"1978"')
    book.close()
    li.take(out.getvalue())
    assert [(title, why.split("，")[0]) for _row, title, why in li.problems()] == [
        ("身份证号", "单元格里是公式"), ("本人月平均收入(元)", "单元格里是公式"),
    ]  # fmt: skip


def test_an_id_kept_as_a_number_is_refused(li):
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    page = book.add_worksheet()
    page.write_row(0, 0, HEAD)
    page.write_row(1, 0, person(1))
    page.write_number(1, 2, 530000197803120012)
    book.close()
    li.take(out.getvalue())
    assert "Excel" in li.problems()[0][2]


def test_templates_are_filled_in_and_come_back(li):
    for kind in ("roster", "archive"):
        content = li.client.get(f"/imports/template/{kind}/").content
        sheet = read(content, "t.xlsx")
        assert "示例" in str(sheet.rows[4][0].text)
        page = text_of(li.upload(content, "t.xlsx"))
        assert li.batch.kind == kind and "不会导入" not in page
        assert all(column["key"] for column in li.batch.columns)
        li.columns()
        assert li.batch.rows_total == 0


def test_a_list_of_numbers_is_looked_up(li, roster):
    li.upload(roster, "a.xlsx"), li.columns(), li.write()
    asked = "530000198304186490\n53000019911206460２\nKY1003\n530000190001010015"
    page = text_of(li.client.post("/imports/look-up/", {"text": asked}))
    assert "4 人里，花名册有 3 人，已建档 3 人" in page and "530000198304186490" not in page.split("结果")[-1]
    assert "查不到" in page


def test_a_dropped_batch_keeps_nothing_to_write(li):
    li.take(table(HEAD, person(1)))
    li.client.post(li.address("dropping"))
    assert li.batch.state == "dropped" and "什么都没有写入" in li.page()
    assert li.write().status_code == 200 and Staff.objects.count() == 0


def test_a_large_file_waits_for_the_worker(li, clock, monkeypatch):
    from bangfu.household.imports import flow

    monkeypatch.setattr(flow.jobs, "INLINE_ROWS", 1)
    page = li.take(table(HEAD, person(1), person(2)))
    assert "正在试算" in page and li.batch.state == "trying"
    assert flow.run_pending(at=clock()) == 1 and li.batch.state == "tried"
    li.write()
    assert li.batch.state == "writing" and Staff.objects.count() == 0
    assert flow.run_pending(at=clock()) == 1 and li.batch.state == "applied" and Staff.objects.count() == 2
    assert flow.run_pending(at=clock() + timedelta(hours=1)) == 0
    assert li.account.messages.count() == 2
