"""What stands in the fields is kept while she types, right or wrong; a closed browser loses nothing."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from django.db import connection

from bangfu.portal.tests.answers import address, answer, fill, submit, text
from bangfu.relief.models import Application, Draft

pytestmark = pytest.mark.django_db


def keep(phone, step, **fields):
    return phone.post(f"{address(step)}typed/", fields)


def test_half_a_page_is_there_again_after_the_browser_was_closed(phone, w, client):
    fill(phone, until="me")
    assert keep(phone, "me", right="yes", story="去年住院三次，", wish="").status_code == 204
    client.logout()
    client.force_login(w.worker)
    page = text(client.get(address("me")))
    assert "去年住院三次，" in page and "上次填的还在" in page


def test_the_first_page_too_and_the_home_page_leads_back_to_it(phone):
    assert keep(phone, "needs", needs=["illness", "other"]).status_code == 204
    assert "有一份没填完的申请" in text(phone.get("/my/"))
    page = text(phone.get(address("needs")))
    assert page.count(" checked") == 2


def test_wrong_words_are_kept_as_typed_and_judged_only_on_the_way_on(phone):
    fill(phone, until="costs")
    assert keep(phone, "costs", illness="四万二千左右", later="on").status_code == 204
    page = text(phone.get(address("costs")))
    assert 'value="四万二千左右"' in page and "checked" in page
    assert answer(phone, "costs", illness="四万二千左右").status_code == 422


def test_going_on_ends_the_draft_of_the_page(phone):
    fill(phone, until="costs")
    keep(phone, "costs", illness="1")
    answer(phone, "costs", illness="42,000")
    assert 'value="42,000.00"' in text(phone.get(address("costs")))
    assert "上次填的还在" not in text(phone.get(address("costs")))


def test_a_person_of_the_family_is_kept_at_her_place(phone):
    fill(phone, until="family")
    url = "/my/application/family/3/"
    assert phone.post(f"{url}typed/", {"relation": "parent", "name": "陈秀", "income_fen": "1"}).status_code == 204
    page = text(phone.get(url))
    assert 'value="陈秀"' in page and 'value="parent" selected' in page
    phone.post(url, {"relation": "parent", "name": "陈秀兰", "income_fen": "150"})
    assert 'value="陈秀"' not in text(phone.get("/my/application/family/4/"))


def test_the_forms_say_where_to_keep_and_work_without_the_script(phone):
    fill(phone, until="money")
    page = text(phone.get(address("money")))
    assert f'data-autosave="{address("money")}typed/"' in page and '<form method="post"' in page
    assert "data-autosave=" not in text(phone.get(address("family")))


def test_what_was_typed_is_sealed_and_never_part_of_the_application(phone):
    fill(phone, until="money")
    keep(phone, "money", how="other_card", card="6222 0200 0000 0004 417", bank_name="农业银行")
    with connection.cursor() as cursor:
        cursor.execute("SELECT answers FROM relief_draft")
        raw = bytes(cursor.fetchone()[0])
    assert b"6222" not in raw and "农业银行".encode() not in raw
    fill(phone)
    keep(phone, "me", story="又想起一件事")
    assert submit(phone).status_code == 302
    assert "typed" not in json.loads(Application.objects.get().answers) and not Draft.objects.exists()


def test_only_fields_of_the_page_and_only_so_much(phone):
    keep(phone, "needs", needs=["illness"] * 100, evil="x" * 10, csrfmiddlewaretoken="secret")
    kept = json.loads(Draft.objects.get().answers)["typed"]
    assert kept == {"needs": {"needs": ["illness"] * 20}}
    fill(phone, until="me")
    keep(phone, "me", story="长" * 9000)
    assert len(json.loads(Draft.objects.get().answers)["typed"]["me"]["story"]) == 2000


def test_pages_that_are_not_open_yet_staff_and_strangers_keep_nothing(phone, w, client):
    for step in ("costs", "papers", "check", "family", "nonsense"):
        assert keep(phone, step, illness="1").status_code == 404
    assert phone.get(f"{address('needs')}typed/")["Location"] == address("needs"), "the page itself"
    client.logout()
    client.force_login(w.clerk)
    assert keep(client, "needs", needs="illness").status_code == 403
    assert not Draft.objects.exists()


def test_it_is_kept_for_thirty_days(phone, clock):
    keep(phone, "needs", needs=["illness"])
    draft = Draft.objects.get()
    assert draft.expires_at - draft.saved_at == timedelta(days=30)
