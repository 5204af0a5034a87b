"""A file is found by words while it is what it says; sealed numbers are never among the words; pages are turned by key."""

from __future__ import annotations

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bangfu.household import flow, listing
from bangfu.household.keyset import END, Place
from bangfu.household.listing import Filters
from bangfu.household.models import FileWord, Household, StaffWord
from bangfu.household.rows import FileRow
from bangfu.household.tests import makers
from bangfu.household.tests.makers import AT
from bangfu.lib.days import today

pytestmark = pytest.mark.both


def names(account, text: str, **filters: str) -> list[str]:
    return [row.head_name for row in listing.list_rows(account, Filters(text=text, **filters), on=today(AT)).rows]


def same_words() -> bool:
    try:
        call_command("household_words")
    except CommandError:
        return False
    return True


def test_words_follow_every_change_of_a_file(cast, file):
    assert names(cast.li, "张守") == names(cast.li, "zsc") == names(cast.li, "zhangshouch") == ["张守诚"] and same_words()
    flow.correct(file, "head_name", "李德明", why="对照身份证更正", by=cast.zhao, at=AT)
    assert names(cast.li, "张守") == [] and names(cast.li, "ldm") == ["李德明"] and same_words()
    flow.lift(file, why="致困原因消除，近 6 个月月人均 2,400 元", by=cast.li, at=AT)
    assert names(cast.li, "李德", state="filed") == [] and names(cast.li, "李德", state="lifted") == ["李德明"] and same_words()
    clue = flow.add_clue(unit=cast.unit, head_name="王五一", note="同事反映", by=cast.zhao, at=AT)
    assert names(cast.li, "王五", state="clue") == ["王五一"]
    row = FileRow(unit=cast.unit, head_name="王五一", identity=makers.identity(55), main_cause="other")
    flow.file_household(row, clue=clue, by=cast.zhao, at=AT)
    assert names(cast.li, "王五", state="filed") == ["王五一"] and same_words()
    flow.correct(file.staff, "name", "李德明", why="对照身份证更正", by=cast.zhao, at=AT)
    assert [row.name for row in listing.search_staff(cast.li, "李德")] == ["李德明"] and same_words()


def test_words_that_do_not_agree_are_named_and_mended(cast, file):
    FileWord.objects.filter(word="张守").delete()
    assert not same_words()
    call_command("household_words", "--mend")
    assert same_words() and names(cast.li, "张守") == ["张守诚"]


def test_sealed_numbers_are_not_among_the_words(cast, file):
    words = {*FileWord.objects.values_list("word", flat=True), *StaffWord.objects.values_list("word", flat=True)}
    for sealed in (file.identity, file.phone, file.card, file.address):
        assert not any(sealed[-4:] in word or (len(word) > 2 and word in sealed) for word in words)
    assert {file.number.lower(), "张守诚"[:2], "zsc"} <= words


def test_a_clerk_finds_her_own_unit_and_below_alone(cast, file):
    row = FileRow(unit=cast.other_unit, head_name="张守成", identity=makers.identity(30), main_cause="other")
    flow.file_household(row, by=cast.wang, at=AT)
    assert sorted(names(cast.li, "张守")) == ["张守成", "张守诚"]
    assert names(cast.zhao, "张守") == ["张守诚"] and names(cast.wang, "zs") == ["张守成"] and names(cast.stranger, "张守") == []
    assert names(cast.li, "张守", unit="ky-wz") == ["张守成"]
    assert names(cast.li, "张守", cause="family_illness", unit="ky-dl") == ["张守诚"]
    assert set(names(cast.li, "设备动力")) == {"张守诚"}


@pytest.mark.parametrize("sort", ["name", "-name", "number", "-income", "income", "size", "-opened"])
@pytest.mark.parametrize("text", ["", "李"])
def test_pages_turned_by_key_show_every_file_once_there_and_back(cast, sort, text):
    files = makers.many(cast, 47)
    for number, file in enumerate(files):
        Household.objects.filter(pk=file.pk).update(per_head_fen=None if number % 3 == 0 else number % 5 * 100, size=number % 4 + 1)
    filters = Filters(text=text, state="filed", sort=sort)

    def turn(place: Place) -> listing.Rows:
        return listing.list_rows(cast.li, filters, place=place, per_page=20, on=today(AT))

    page, seen, starts = turn(Place()), [], []
    while True:
        seen += [row.number for row in page.rows]
        starts.append((page.start_index(), page.end_index(), page.count))
        step = page.turns["next"]
        if step is None:
            break
        page = turn(Place(after=step["after"]))  # without the running number it is counted
    assert len(seen) == len(set(seen)) == 47 and starts == [(1, 20, 47), (21, 40, 47), (41, 47, 47)]
    last = turn(Place(before=END))
    assert [row.number for row in last.rows] == seen[40:] and last.start_index() == 41 and last.turns["next"] is None
    step = last.turns["previous"]
    before = turn(Place(before=step["before"], start=step["from"]))
    assert [row.number for row in before.rows] == seen[20:40] and before.start_index() == 21
    first = turn(Place(before=seen[20], start=1))
    assert [row.number for row in first.rows] == seen[:20] and first.turns["previous"] is None
    assert turn(Place(after="XX-1")).start_index() == 1  # nobody's number: the beginning
    counted = turn(Place(page=2))
    assert [row.number for row in counted.rows] == seen[20:40]


def test_a_search_reads_words_only(cast):
    makers.many(cast, 30)
    with CaptureQueriesContext(connection) as asked:
        listing.list_rows(cast.li, Filters(text="李甲", state="filed"), on=today(AT))
    of_words = [query["sql"] for query in asked if "household_fileword" in query["sql"]]
    assert len(of_words) == 2 and not any("household_household" in sql for sql in of_words)


def test_counts_are_kept_until_something_is_recorded(committed_db):
    cast = makers.cast()
    makers.file(cast)
    assert listing.counts(cast.li)[0] == {"filed": 1}
    with CaptureQueriesContext(connection) as asked:
        assert listing.counts(cast.li)[0] == {"filed": 1}
    assert not any("COUNT" in query["sql"] for query in asked)
    flow.lift(Household.objects.get(), why="致困原因消除，近 6 个月月人均 2,400 元", by=cast.li, at=AT)
    assert listing.counts(cast.li)[0] == {"lifted": 1} and listing.counts(cast.wang)[0] == {}
