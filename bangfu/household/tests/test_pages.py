"""Every page of rosters and files through the browser's door."""

import io
from zipfile import ZipFile

import pytest
from django.urls import reverse

from bangfu.access.models import Account
from bangfu.audit.models import Event
from bangfu.household import grades
from bangfu.household.grades import Grade
from bangfu.household.models import Household, Reveal, Staff
from bangfu.household.tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def class_set(monkeypatch):
    """The classes of a policy in force, as wiring supplies them."""
    known = [Grade("hard", "特别困难", "3.1"), Grade("long", "长期困难", "3.2")]
    monkeypatch.setattr(grades, "sources", [lambda unit, on: known if unit.code.startswith("k") else []])


def page(client, account: Account, name: str, *args, **query):
    client.force_login(account)
    return client.get(reverse(name, args=args), query)


def text_of(response) -> str:
    return response.content.decode()


def test_every_page_of_a_file_opens_for_the_office(client, cast, file):
    for section in (
        "basic",
        "members",
        "incomes",
        "expenses",
        "causes",
        "assets",
        "clears",
        "grade",
        "state",
        "consents",
        "kinship",
        "outside",
    ):
        response = page(client, cast.li, "household-section", file.number, section)
        assert response.status_code == 200, section
        assert "<form" in text_of(response)
    for name, args in (("household", [file.number]), ("household-state", [file.number]), ("households", []), ("household-new", []),
                       ("search", []), ("staff-list", []), ("staff", [file.staff_id]), ("staff-new", []), ("staff-edit", [file.staff_id]),
                       ("household-member", [file.number, file.members.last().pk])):  # fmt: skip
        assert page(client, cast.li, name, *args).status_code == 200, name
    assert page(client, cast.li, "household-section", file.number, "nothing").status_code == 404


def test_pages_show_masks_and_never_the_values(client, cast, file):
    wife = makers.identity(26, "19800203")
    pages = [
        page(client, cast.li, "household", file.number),
        page(client, cast.li, "staff", file.staff_id),
        page(client, cast.li, "households"),
    ]
    for section in ("basic", "members", "incomes", "expenses", "causes", "assets", "clears", "grade", "consents"):
        pages.append(page(client, cast.li, "household-section", file.number, section))
    pages.append(page(client, cast.li, "household-member", file.number, file.members.get(relation="spouse").pk))
    for response in pages:
        for canary in (file.identity, file.card, file.phone, wife, "尿毒症", "501"):
            assert canary not in text_of(response), response.request["PATH_INFO"]
    shown = text_of(pages[0])
    assert "5300**********" in shown and "138****0017" in shown and "重病" in shown


def test_strangers_get_404_for_every_address_of_a_file(client, cast, file):
    for account in (cast.wang, cast.stranger):
        client.force_login(account)
        for name, args in (("household", [file.number]), ("household-section", [file.number, "basic"]), ("household-state", [file.number]),
                           ("household-member", [file.number, file.members.first().pk]), ("staff", [file.staff_id]), ("staff-edit", [file.staff_id])):  # fmt: skip
            assert client.get(reverse(name, args=args)).status_code == 404, name
        for name, args in (("household-reveal", [file.number]), ("staff-reveal", [file.staff_id])):
            assert client.post(reverse(name, args=args), {"field": "phone", "reason": "contact"}).status_code == 404
    assert not Reveal.objects.exists()


def test_a_worker_reaches_her_file_only_through_visible_to(cast, file):
    other = makers.file(cast, 19, head_name="李四")
    assert list(Household.objects.visible_to(cast.worker)) == [file]
    assert other not in Household.objects.visible_to(cast.worker)
    assert list(Staff.objects.visible_to(cast.worker)) == [file.staff]


def test_the_auditor_reads_and_cannot_change(client, cast, file):
    assert page(client, cast.auditor, "household", file.number).status_code == 200
    assert "改档案" not in text_of(page(client, cast.auditor, "household", file.number))
    response = client.post(reverse("household-section", args=[file.number, "causes"]), {"main_cause": "other", "why": "试一试"})
    assert response.status_code == 403
    file.refresh_from_db()
    assert file.main_cause == "family_illness"


def test_a_reveal_shows_the_value_once_logs_it_and_tells_the_worker(client, cast, file):
    client.force_login(cast.li)
    url = reverse("household-reveal", args=[file.number])
    before = Event.objects.filter(kind="household.value_revealed").count()
    answer = client.post(url, {"field": "phone", "reason": "contact"}, headers={"HX-Request": "true"})
    assert file.phone in text_of(answer) and 'data-hide-after="60"' in text_of(answer)
    look = Reveal.objects.get()
    assert (look.household, look.field, look.reason, look.by) == (file, "phone", "contact", cast.li)
    assert Event.objects.filter(kind="household.value_revealed").count() == before + 1
    assert file.phone not in Event.objects.get(kind="household.value_revealed").body
    seen = text_of(page(client, cast.li, "household", file.number, tab="seen"))
    assert "李静宜查看手机号" in seen and file.phone not in seen
    from bangfu.household.queries import who_saw

    assert who_saw(file)[0]["who"] == "李静宜" and who_saw(file)[0]["why"] == "联系本人或入户"


def test_without_a_script_the_page_shows_it_once_and_masks_itself(client, cast, file):
    client.force_login(cast.li)
    answer = client.post(reverse("household-reveal", args=[file.number]), {"field": "identity", "reason": "verify"})
    assert file.identity in text_of(answer) and answer["Refresh"].startswith("60;") and "只显示这一次" in text_of(answer)
    assert Reveal.objects.count() == 1


def test_a_reveal_without_a_reason_or_right_shows_nothing(client, cast, file):
    client.force_login(cast.li)
    wife = file.members.get(relation="spouse")
    url = reverse("household-reveal", args=[file.number])
    assert file.phone not in text_of(client.post(url, {"field": "phone", "reason": "curious"}, headers={"HX-Request": "true"}))
    assert "尿毒症" in text_of(
        client.post(url, {"field": f"diagnosis-{wife.pk}", "reason": "review"}, headers={"HX-Request": "true"})
    )
    assert client.post(url, {"field": "record_key", "reason": "audit"}).status_code == 302
    assert Reveal.objects.count() == 1
    client.force_login(makers.account("cash", "CASHIER", cast.organisation))
    assert client.post(url, {"field": f"diagnosis-{wife.pk}", "reason": "review"}).status_code == 403
    assert file.card in text_of(client.post(url, {"field": "card", "reason": "verify"}, headers={"HX-Request": "true"}))
    assert Reveal.objects.count() == 2


def test_thirty_looks_leave_thirty_rows_and_thirty_events(client, cast, file):
    client.force_login(cast.li)
    url = reverse("household-reveal", args=[file.number])
    for _n in range(30):
        client.post(url, {"field": "phone", "reason": "contact"}, headers={"HX-Request": "true"})
    assert Reveal.objects.count() == 30 == Event.objects.filter(kind="household.value_revealed").count()


def test_a_clerk_files_a_household_by_worker_number(client, cast):
    worker = makers.staff(cast)
    client.force_login(cast.zhao)
    form = {"unit": cast.unit.pk, "tie": "staff", "worker_no": worker.worker_no, "main_cause": "own_illness", "monthly": "３,２００元",
            "stated_size": "3", "stated_annual_fen": "38400"}  # fmt: skip
    answer = client.post(reverse("household-new"), form)
    filed = Household.objects.get()
    assert answer.url == reverse("household", args=[filed.number])
    assert (filed.head_name, filed.identity, filed.staff, filed.size, filed.stated_annual_fen) == (
        "张守诚",
        worker.identity,
        worker,
        3,
        3_840_000,
    )
    assert Event.objects.filter(kind="household.household_filed", actor="zhao").count() == 1


def test_a_bad_form_says_where_why_and_how_and_keeps_what_was_typed(client, cast):
    client.force_login(cast.zhao)
    form = {
        "unit": cast.unit.pk,
        "tie": "staff",
        "head_name": "张守诚",
        "identity": "53000019780312001",
        "stated_annual_fen": "37200000万",
    }
    answer = client.post(reverse("household-new"), form)
    body = text_of(answer)
    assert answer.status_code == 422 and "错误：" in body
    assert "少 1 位，现 17 位" in body and "没有选主要致困原因" in body and "53000019780312001" in body
    assert not Household.objects.exists()


def test_the_clerk_sees_only_her_own_units_in_the_form(client, cast):
    client.force_login(cast.wang)
    form = {"unit": cast.unit.pk, "tie": "staff", "head_name": "张守诚", "identity": makers.identity(17), "main_cause": "other"}
    assert client.post(reverse("household-new"), form).status_code == 422
    assert not Household.objects.exists()


def test_a_clue_is_noted_and_then_filed(client, cast):
    client.force_login(cast.zhao)
    client.post(
        reverse("household-new"), {"as": "clue", "unit": cast.unit.pk, "head_name": "张守诚", "tie": "staff", "note": "班长反映"}
    )
    clue = Household.objects.get()
    assert clue.state == "clue" and "归档这一户" in text_of(page(client, cast.zhao, "household", clue.number))
    form = {"clue": clue.number, "version": clue.version, "unit": cast.unit.pk, "tie": "staff", "head_name": "张守诚",
            "identity": makers.identity(17), "main_cause": "own_illness", "grade": "long"}  # fmt: skip
    client.post(reverse("household-new"), form)
    clue.refresh_from_db()
    assert (clue.state, clue.grade) == ("filed", "long")


def test_the_list_filters_sorts_and_pages_from_the_address(client, cast, file):
    makers.many(cast, 60, unit=cast.other_unit)
    body = text_of(page(client, cast.li, "households", per=20))
    assert "共 61 户" in body and body.count('name="pick"') == 20
    assert "张守诚" in text_of(page(client, cast.li, "households", q="zsc"))
    assert "张守诚" in text_of(page(client, cast.li, "households", cause="illness", per=100))
    assert "共 1 户" in text_of(page(client, cast.li, "households", unit=cast.unit.code))
    assert "没有符合条件" in text_of(page(client, cast.li, "households", grade="hard"))
    assert "共 1 户" in text_of(page(client, cast.zhao, "households"))
    assert "共 60 户" in text_of(page(client, cast.wang, "households", state="all", sort="-number", per=100, page=99))


def test_a_list_costs_the_same_for_20_and_100_rows(client, cast):
    makers.many(cast, 110)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    counts = []
    client.force_login(cast.li)
    for per in (20, 100):
        client.get(reverse("households"), {"per": per})  # the session's own writes are behind us
        with CaptureQueriesContext(connection) as asked:
            client.get(reverse("households"), {"per": per})
        counts.append(len([query for query in asked if "SAVEPOINT" not in query["sql"]]))
    assert counts[0] == counts[1] <= 20


@pytest.mark.parametrize("text", ["张守诚", "守诚", "zsc", "zhangshou", "KY2026-0001", "2026-0001", "0017", "设备动力"])
def test_search_finds_by_name_pinyin_number_tail_and_unit(client, cast, file, text):
    from bangfu.household.queries import search

    assert file in search(cast.li, text), text
    assert search(cast.wang, text) == [] and search(cast.stranger, text) == []
    body = page(client, cast.li, "search", q=text)
    assert body.status_code in (200, 302)


def test_search_by_identity_number_uses_the_digest(cast, file):
    from bangfu.household.queries import search

    assert search(cast.li, file.identity) == [file] and search(cast.li, file.identity[-4:]) == [file]
    assert search(cast.li, "9999") == [] and search(cast.li, "  ") == []


def test_an_export_is_masked_and_recorded(client, cast, file):
    makers.many(cast, 3)
    client.force_login(cast.li)
    answer = client.post(reverse("household-export"), {"pick": [file.pk]})
    words = ZipFile(io.BytesIO(answer.content)).read("xl/worksheets/sheet1.xml").decode()
    shared = ZipFile(io.BytesIO(answer.content)).namelist()
    content = words + (
        ZipFile(io.BytesIO(answer.content)).read("xl/sharedStrings.xml").decode() if "xl/sharedStrings.xml" in shared else ""
    )
    assert "张守诚" in content and "138****0017" in content and file.identity not in content and file.card not in content
    assert '"rows":1' in Event.objects.get(kind="household.list_exported").body
    client.post(reverse("household-export"), {"all": "1"})
    assert '"rows":4' in Event.objects.filter(kind="household.list_exported").latest("seq").body
    client.force_login(cast.wang)
    assert client.post(reverse("household-export"), {"pick": [file.pk]}).status_code == 302


def test_a_worker_is_enrolled_and_corrected_on_the_roster(client, cast):
    client.force_login(cast.zhao)
    form = {"unit": cast.unit.pk, "worker_no": "KY9", "name": "孙 秋菊", "identity": makers.identity(21), "phone": "138 0001 9646",
            "status": "on_post", "identity_kind": "agency"}  # fmt: skip
    client.post(reverse("staff-new"), form)
    row = Staff.objects.get()
    assert (row.name, row.phone, row.sex) == ("孙秋菊", "13800019646", "1")
    change = {
        "version": row.version,
        "name": "孙秋菊",
        "status": "idle",
        "identity_kind": "agency",
        "phone": "13900000000",
        "why": "换号",
    }
    client.post(reverse("staff-edit", args=[row.pk]), change)
    row.refresh_from_db()
    assert (row.status, row.phone, row.version) == ("idle", "13900000000", 2)
    kept = {one.field: (one.old, one.is_sensitive) for one in row.changes.all()}
    assert kept["phone"] == ("13800019646", True) and kept["status"] == ("在岗", False)
    assert "13800019646" not in Event.objects.get(kind="household.staff_corrected").body
