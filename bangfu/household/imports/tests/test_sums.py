"""Stated totals: beyond every cap they are refused, unlike their parts they wait for a second person. Source: S1-13, S4-9."""

from __future__ import annotations

import pytest

from bangfu.audit.models import Event
from bangfu.household.imports.tests.test_wizard import household
from bangfu.household.imports.tests.wizard import FILES, Wizard, table, text_of
from bangfu.household.models import Discrepancy, Household

HELPED = [*FILES, "历年帮扶(元)", "帮扶人次"]
GIVEN = (25_400, 16_500, 30_000, 3_000)


@pytest.fixture
def li(cast):
    return Wizard(cast.li)


def helped(serial: int, yuan: object, times: object = "1") -> list[str]:
    return [*household(serial), str(yuan), str(times)]


def total(stated: object, times: object = "") -> list[str]:
    return ["合计", *[""] * (len(FILES) - 1), str(stated), str(times)]


def s4_9() -> bytes:
    return table(
        HELPED, *(helped(serial, yuan) for serial, yuan in enumerate(GIVEN, 1)), total("75,000", 4), ["填表人：", "审核人："]
    )


def test_the_sum_of_s4_9_is_held_and_shown_with_both_figures(li):
    page = li.take(s4_9())
    held = Discrepancy.objects.get()
    assert (held.stated, held.computed, held.matter, held.title) == (7_500_000, 7_490_000, "total", "第 6 行“历年帮扶(元)”")
    assert "75,000.00" in page and "74,900.00" in page and "多 100.00" in page
    assert "还没有人认可" in text_of(li.write()) and Household.objects.count() == 0


def test_a_second_person_passes_it_with_a_written_reason(li, cast):
    li.take(s4_9())
    held = Discrepancy.objects.get()
    address = li.address("acceptances", str(held.pk))
    assert li.client.post(address, {"reason": "就是这样的"}).status_code == 403
    chair = Wizard(cast.chair)
    assert "没有写认可的原因" in text_of(chair.client.post(address, {"reason": ""}, follow=True))
    assert Wizard(cast.stranger).client.post(address, {"reason": "原文写作超过七万五"}).status_code in (403, 404)
    chair.client.post(address, {"reason": "原文写作超过七万五，按明细入账"})
    held.refresh_from_db()
    assert held.accepted_by == cast.chair and held.reason == "原文写作超过七万五，按明细入账"
    event = Event.objects.get(kind="household.import_accepted")
    assert '"computed":7490000' in event.body and '"stated":7500000' in event.body
    li.write()
    assert Household.objects.count() == 4 and li.batch.state == "applied"


def test_an_office_officer_who_uploaded_never_accepts_her_own(li, cast):
    from bangfu.access.roles import Role
    from bangfu.household.tests.makers import AT, access, date

    access.appoint(cast.li, Role.OFFICE_HEAD, cast.organisation, from_date=date(2020, 1, 1), by=None, at=AT)
    li.take(s4_9())
    held = Discrepancy.objects.get()
    page = text_of(li.client.post(li.address("acceptances", str(held.pk)), {"reason": "按明细入账就好"}, follow=True))
    assert "填报的人不能自己认可差异" in page


def test_acceptance_holds_for_the_same_figures_and_lapses_when_they_change(li, cast):
    li.take(s4_9())
    held = Discrepancy.objects.get()
    Wizard(cast.chair).client.post(li.address("acceptances", str(held.pk)), {"reason": "原文写作超过七万五"})
    li.columns()
    assert Discrepancy.objects.open().count() == 0 and Discrepancy.objects.count() == 1


@pytest.mark.parametrize(
    ("head", "stated"), [("历年帮扶(万元)", "372000"), ("历年帮扶(元)", "3,720,000,000"), ("历年帮扶(元)", "372000万元")]
)
def test_the_sum_of_s1_13_never_gets_in(li, head, stated):
    cells = "1" if "万元" in head else "4000"
    rows = [helped(serial, cells, 45) for serial in (1, 2)]
    li.take(table([*FILES, head, "帮扶人次"], *rows, total(stated, 91)))
    row, title, why = li.problems()[0]
    assert (row, title) == (4, head)
    if "万" not in stated:
        assert why == "37.2 亿元，91 人次，平均每次约 4,087.91 万元。是不是 372,000.00 元？核对单位是元还是万元。"
    assert "合计行的数字不合常理" in text_of(li.write(skip=True))
    assert Household.objects.count() == 0


def test_a_cell_beyond_its_cap_is_refused_with_what_was_probably_meant(li):
    li.take(table(HELPED, helped(1, 3_720_000_000), helped(2, 4000)))
    assert li.problems() == [
        (2, "历年帮扶(元)", "合 37.2 亿元，超过上限 500,000.00 元。是不是 372,000.00 元？核对单位是元还是万元。")
    ]


def test_the_total_row_is_mended_on_the_page(li):
    li.take(table(HELPED, helped(1, 4000), total(3_720_000_000)))
    li.fix(r3c11="4000")
    assert li.problems() == [] and Discrepancy.objects.count() == 0
    li.write()
    assert Household.objects.get().outside_helps.get().amount_fen == 400_000


def test_the_total_of_people_is_compared_too(li):
    stated = ["合计", *[""] * 5, "7", "", "48000", "", ""]
    li.take(table(FILES, household(1), household(2), stated))
    assert [(one.matter, one.stated, one.computed) for one in Discrepancy.objects.all()] == [("size", 7, 6)]


def test_subtotals_add_up_their_own_part(li):
    small = ["小计", *[""] * 5, "3", "", "24000", "", ""]
    whole = ["合计", *[""] * 5, "6", "", "48000", "", ""]
    li.take(table(FILES, household(1), small, household(2), small, whole))
    assert Discrepancy.objects.count() == 0 and li.batch.rows_new == 2


def test_a_total_over_unreadable_cells_is_not_judged(li):
    whole = ["合计", *[""] * 5, "6", "", "48000", "", ""]
    page = li.take(table(FILES, household(1), household(2, annual="三千二"), whole))
    assert Discrepancy.objects.count() == 0 and "合计暂时核对不了" in page


def test_a_year_below_twelve_months_of_the_head_is_held_and_goes_with_the_file(li, cast):
    li.take(table(FILES, household(1, wage="3000", annual="24000"), household(2)))
    held = Discrepancy.objects.get()
    assert (held.matter, held.stated, held.computed) == ("annual_income", 2_400_000, 3_600_000)
    Wizard(cast.head).client.post(li.address("acceptances", str(held.pk)), {"reason": "年中才上岗，只领八个月"})
    li.write()
    held.refresh_from_db()
    assert held.household.head_name and Discrepancy.objects.count() == 1 and held.household.discrepancies.get() == held


def test_income_per_head_must_agree_with_the_year(li):
    li.take(table([*FILES, "家庭月人均收入"], [*household(1), "666.67"], [*household(2), "900"]))
    assert [(row, title) for row, title, _why in li.problems()] == [(3, "家庭月人均收入")]
