"""Members come in as rows of a file of their own, keyed by the head's number: dry run, named errors, all or nothing, the way back."""

from __future__ import annotations

import pytest

from bangfu.household import flow as files
from bangfu.household.imports.models import ImportedRow
from bangfu.household.imports.tests.wizard import Wizard, table, text_of
from bangfu.household.models import Household, Income, Member
from bangfu.household.rows import FileRow
from bangfu.household.tests import makers
from bangfu.household.tests.makers import AT, identity
from bangfu.household.timeline import timeline_of
from bangfu.lib.spreadsheet import read

HEAD = ["户主身份证号", "户主姓名", "姓名", "与户主关系", "身份证号", "健康状况", "诊断", "就学阶段", "学费(元)", "月收入(元)"]


def row(name: str, relation: str, number="", health="", illness="", *, stage="", fee="", monthly="", head: int = 17) -> list[str]:
    return [identity(head), "张守诚", name, relation, number, health, illness, stage, fee, monthly]


@pytest.fixture
def zhang(cast):
    """张守诚 alone on his file, three persons stated, 3,200 a month."""
    return makers.file(cast, members=(), stated_size=3)


@pytest.fixture
def zhao(cast, zhang):
    return Wizard(cast.zhao)


def test_members_are_added_and_the_file_is_recounted(zhao, zhang):
    page = zhao.take(table(
        HEAD, row("王桂芬", "妻子", identity(26, "19800203"), "重病", "尿毒症", monthly="0"),
        row("张晓雨", "女儿", identity(48, "20060509"), "健康", stage="大学", fee="5600", monthly="0"),
    ))  # fmt: skip
    assert zhao.batch.kind == "members" and (zhao.batch.rows_new, zhao.batch.rows_bad) == (2, 0) and "不会导入" not in page
    assert Member.objects.count() == 1 and "导入家庭成员：试算" in page
    done = text_of(zhao.write())
    assert "批次 1：已写入" in done and "与记录相符" in done
    zhang.refresh_from_db()
    wife, daughter = zhang.members.exclude(relation="self")
    assert (wife.relation, wife.health, wife.diagnosis, wife.sex, wife.birth_date.year) == (
        "spouse",
        "serious",
        "尿毒症",
        "2",
        1980,
    )
    assert (daughter.relation, daughter.school_stage, daughter.is_student, daughter.tuition_fen) == (
        "child",
        "university",
        True,
        560_000,
    )
    assert (zhang.size, zhang.per_head_fen, zhang.version) == (3, 106_667, 2)
    texts = {(line.text, line.detail.split("，")[-1]) for line in timeline_of(zhang).lines}
    assert {("增加家庭成员 王桂芬", "导入批次 #1 第 2 行"), ("增加家庭成员 张晓雨", "导入批次 #1 第 2 行")} <= texts
    rows = text_of(zhao.client.get(zhao.address("rows")))
    assert "王桂芬" in rows and "增加成员" in rows and "尿毒症" not in rows
    assert ImportedRow.objects.filter(made_member=True, household=zhang).count() == 2


def test_the_same_members_again_are_changed_cell_by_cell_and_taken_back(zhao, zhang, clock):
    zhao.take(table(HEAD, row("王桂芬", "妻子", identity(26, "19800203"), "重病", "尿毒症")))
    zhao.write()
    page = zhao.take(
        table(HEAD, row("王桂芬", "配偶", identity(26, "19800203"), "慢病", "肾病", monthly="800"), row("张晓雨", "女儿"))
    )
    assert (zhao.batch.rows_changed, zhao.batch.rows_new) == (1, 1)
    assert "尿毒症" not in zhao.page(show="changes") and "重病" in zhao.page(show="changes") and page
    clock.move(minutes=1)
    zhao.write()
    wife = Member.objects.get(name="王桂芬")
    assert (wife.health, wife.diagnosis, Income.objects.get(member=wife).monthly_fen) == ("chronic", "肾病", 80_000)
    assert Member.objects.filter(name="张晓雨").exists()
    zhao.undo()
    wife.refresh_from_db()
    assert (wife.health, wife.diagnosis, Income.objects.get(member=wife).monthly_fen) == ("serious", "尿毒症", 0)
    assert not Member.objects.filter(name="张晓雨").exists() and zhao.batch.state == "undone"
    zhang.refresh_from_db()
    assert zhang.members.count() == 2 and zhang.size == 2


def test_what_is_wrong_is_named_by_row_and_column(zhao, cast, zhang):
    other = FileRow(unit=cast.unit, head_name="李四海", identity=identity(31), main_cause="other")
    files.file_household(other, by=cast.zhao, at=AT)
    strange = FileRow(unit=cast.other_unit, head_name="王五一", identity=identity(33), main_cause="other")
    files.file_household(strange, by=cast.wang, at=AT)
    zhao.take(table(
        HEAD, row("王一", "妻子", head=99), [identity(17), "张三", *row("王二", "妻子")[2:]], row("王三", "邻居"),
        row("李四海", "兄弟姐妹", identity(31)), row("张守诚", "其他", identity(17)), row("赵小五", "子女"), row("赵小五", "子女"),
        [identity(33), "", *row("王小六", "子女")[2:]], row("王四", "妻子", monthly="200000"),
    ))  # fmt: skip
    assert zhao.problems() == [
        (2, "户主身份证号", "没有户主是这个证件号码的家庭档案。核对户主身份证号；还没有建档的，先给户主建档。"),
        (3, "户主姓名", "这个号码的户主叫张守诚。核对户主姓名和身份证号，改正其中一个。"),
        (
            4,
            "与户主关系",
            "“邻居”不能填在与户主关系里。可填：配偶、子女、父母、祖父母、外祖父母、孙子女、外孙子女、兄弟姐妹、其他。",
        ),
        (5, "身份证号", "这个人自己是档案 KY2026-0002 的户主。一人只在一户；核对后删去这一行。"),
        (6, "身份证号", "和户主是同一个号码。户主不用再列；成员填她自己的号码，没有就留空。"),
        (8, "姓名", "和第 7 行是同一户的同名成员。同名的请填身份证号区分。"),
        (9, "户主身份证号", "这一户的档案在“物资供应部”，不在您负责的单位里。请转给那里的工会干事。"),
        (10, "月收入(元)", "合 20 万元，超过上限 100,000.00 元。是不是 20.00 元？核对单位是元还是万元。"),
    ]
    assert Household.objects.get(head_name="张守诚").members.count() == 1


def test_a_touched_member_stops_the_undoing(zhao, cast, zhang):
    zhao.take(table(HEAD, row("王桂芬", "妻子", identity(26, "19800203"))))
    zhao.write()
    wife = Member.objects.get(name="王桂芬")
    files.correct(wife, "health", "chronic", why="对照病历", by=cast.zhao, at=AT)
    assert "已经有人改过" in text_of(zhao.undo()) and Member.objects.filter(name="王桂芬").exists()


def test_the_template_comes_back_as_a_file_of_members(zhao):
    content = zhao.client.get("/imports/template/members/").content
    assert any("户主身份证号" in cell.text for row in read(content, "t.xlsx").rows for cell in row)
    zhao.upload(content, "t.xlsx")
    assert zhao.batch.kind == "members" and all(column["key"] for column in zhao.batch.columns)


def test_members_of_many_files_cost_few_statements(cast, django_assert_max_num_queries):
    made = makers.many(cast, 120)
    li = Wizard(cast.li)
    lines = [[file.identity, "", f"王{'甲乙丙丁'[place % 4]}", "配偶", "", "", "", "", "", ""] for place, file in enumerate(made)]
    li.take(table(HEAD, *lines, [made[0].identity, "", "王小乙", "子女", "", "", "", "", "", ""]))
    assert li.batch.rows_new == 121
    with django_assert_max_num_queries(90):
        li.write()
    assert Member.objects.count() == 241 and li.batch.state == "applied"
    assert made[0].members.count() == 3 and Household.objects.get(pk=made[0].pk).version == 2
