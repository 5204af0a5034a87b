"""The notice's pages: the staff's, and the open ones that leave by themselves."""

import io
import json
import zipfile
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from django.urls import reverse

from bangfu.audit.models import Event
from bangfu.audit.record import canonical
from bangfu.disclosure import flow
from bangfu.disclosure.flow import objections
from bangfu.disclosure.models import Objection
from bangfu.disclosure.tests import makers
from bangfu.disclosure.tests.makers import LINES, objection, post

pytestmark = pytest.mark.django_db
DAY4 = datetime(2026, 11, 20, 2, 0, tzinfo=UTC)  # where the clock stands
NAMES = [line.full_name for line in LINES]


@pytest.fixture
def place(clock):
    return makers.world()


@pytest.fixture
def notice(place):
    return post(place)


def get(client, account, name, *args, query=""):
    client.logout()  # the clock may have moved past the idle time-out
    client.force_login(account)
    response = client.get(reverse(name, args=args) + query)
    return response, response.content.decode(errors="replace")


def open_page(client, notice):
    response = client.get(reverse("open-notice", args=[notice.token]))
    return response, response.content.decode()


def pdf_text(response) -> str:
    from pypdf import PdfReader

    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(response.content)).pages)


# -- open


def test_everybody_reads_the_open_notice_masked_and_unlisted(client, notice):
    response, text = open_page(client, notice)
    assert response.status_code == 200
    for words in (
        "张*诚",
        "段*强",
        "只公示编号",
        "KY-A2026-0218",
        "4,000.00",
        "7,000.00",
        "还剩 4 天",
        "11月24日 24:00",
        "因病",
        "0873-000-0000",
    ):
        assert words in text, words
    assert not any(name in text for name in NAMES)
    assert "noindex" in response["X-Robots-Tag"] and response["Cache-Control"] == "no-store"
    assert '<meta name="robots" content="noindex, nofollow, noarchive">' in text
    # "no-referrer" would send the form below it with "Origin: null", and Django would refuse that
    assert response["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("seconds", [0, 1, 86400 * 30])
def test_at_the_end_of_its_term_the_page_is_gone_without_a_job(client, notice, clock, seconds):
    clock.instant = notice.closes_at - timedelta(seconds=1)
    assert open_page(client, notice)[0].status_code == 200
    clock.instant = notice.closes_at + timedelta(seconds=seconds)
    response, text = open_page(client, notice)
    assert response.status_code == 410 and "已经结束" in text and "noindex" in response["X-Robots-Tag"]
    assert "张*诚" not in text and "KY-A2026-0221" not in text


def test_taken_down_is_gone_at_once(client, place, notice):
    flow.take_down(notice, reason="金额要改", by=place.clerk, at=DAY4)
    response, text = open_page(client, notice)
    assert response.status_code == 410 and "已经撤下" in text and "金额要改" not in text


def test_a_withdrawn_consent_shows_in_the_next_request(client, notice):
    flow.narrow(notice, "KY-A2026-0221", reason="本人撤回同意", by=None, at=DAY4)
    text = open_page(client, notice)[1]
    assert "张*诚" not in text and "KY-A2026-0221" in text and "段*强" in text


def test_a_guessed_address_and_a_notice_off_the_web_are_404(client, place):
    assert client.get(reverse("open-notice", args=["x" * 32])).status_code == 404
    board_only = post(place, channels=["board"])
    assert open_page(client, board_only)[0].status_code == 404


def test_an_anonymous_objection_comes_in_and_its_answer_is_read_by_address(client, place, notice):
    address = reverse("open-objection", args=[notice.token])
    assert "对哪一件" in client.get(address).content.decode()
    given = {"text": "他家有两套住房，请核实。", "who": "anonymous", "case_number": "KY-A2026-0221", "website": ""}
    response = client.post(address, given)
    made = Objection.objects.get()
    assert response["Location"] == reverse("open-answer", args=[made.token]) and len(made.token) >= 32
    text = client.get(response["Location"]).content.decode()
    assert "工会已经收到" in text and "11月27日 24:00" in text
    flow.answer_objection(made, answer="已上门核实，不属实。", upheld=False, by=place.head, at=DAY4)
    after = client.get(response["Location"])
    assert "已上门核实" in after.content.decode() and "noindex" in after["X-Robots-Tag"]


def test_what_was_typed_stays_when_a_name_is_missing(client, notice):
    given = {"text": "他家有两套住房，请核实。", "who": "named", "name": "", "contact": "13800000000"}
    response = client.post(reverse("open-objection", args=[notice.token]), given)
    text = response.content.decode()
    assert response.status_code == 422 and "请填姓名" in text and "他家有两套住房" in text and "13800000000" in text
    assert not Objection.objects.exists()


@pytest.mark.parametrize(
    "given", [{}, {"text": "不行", "who": "anonymous"}, {"text": "他家有两套住房"}, {"text": "他家有两套住房", "who": "x"}]
)
def test_an_empty_or_short_objection_is_refused_in_words(client, notice, given):
    response = client.post(reverse("open-objection", args=[notice.token]), given)
    assert response.status_code == 422 and not Objection.objects.exists()
    assert any(words in response.content.decode() for words in ("请写", "还没有写", "请选"))


def test_the_trap_field_stops_machines(client, notice):
    given = {"text": "他家有两套住房，请核实。", "who": "anonymous", "website": "http://x"}
    response = client.post(reverse("open-objection", args=[notice.token]), given)
    assert response.status_code == 422 and "自动填" in response.content.decode() and not Objection.objects.exists()


def test_a_refused_flood_is_recorded_and_told(client, notice, monkeypatch):
    monkeypatch.setattr(objections, "MAX_OBJECTIONS_A_DAY", 1)
    address = reverse("open-objection", args=[notice.token])
    client.post(address, {"text": "第一条不同意见", "who": "anonymous"})
    response = client.post(address, {"text": "第二条不同意见", "who": "anonymous"})
    assert response.status_code == 422 and "意见已满" in response.content.decode()
    assert Event.objects.filter(kind="access.action_refused").count() == 1


def test_after_its_term_no_objection_is_taken(client, notice, clock):
    clock.instant = notice.closes_at
    response = client.post(reverse("open-objection", args=[notice.token]), {"text": "第一条不同意见", "who": "anonymous"})
    assert response.status_code == 410 and not Objection.objects.exists()


# -- staff


def test_the_staff_page_shows_each_channel_and_its_check(client, place, notice):
    response, text = get(client, place.clerk, "notice", notice.pk)
    for words in (
        "张立诚",
        "张*诚",
        "只写编号",
        "单位公示栏",
        "没有证件号",
        "1 人没有同意公示姓名",
        "内容与发布时一致",
        notice.token,
    ):
        assert words in text, words
    assert response.status_code == 200


def test_the_lists_sort_by_state(client, place, notice, clock):
    assert "公示中" in get(client, place.officer, "notices")[1] and notice.number in get(client, place.officer, "notices")[1]
    clock.instant = notice.closes_at
    assert "期满，等结束" in get(client, place.officer, "notices", query="?view=over")[1]
    flow.close(notice, by=place.clerk, at=notice.closes_at)
    assert "期满无异议" in get(client, place.officer, "notices", query="?view=closed")[1]
    assert notice.number not in get(client, place.officer, "notices", query="?view=running")[1]


@pytest.mark.parametrize("who", ["stranger", "other_clerk"])
def test_other_units_get_a_404_on_every_address(client, place, notice, who):
    made = objection(notice, DAY4)
    client.force_login(getattr(place, who))
    for address in (
        reverse("notice", args=[notice.pk]),
        reverse("notice-print", args=[notice.pk, "board"]),
        reverse("notice-proof", args=[notice.pk]),
    ):
        assert client.get(address).status_code == 404
    posts = [
        ("notice-objection", notice.pk),
        ("notice-removal", notice.pk),
        ("objection-answer", made.pk),
        ("objection-objector", made.pk),
    ]
    for name, key in posts:
        assert client.post(reverse(name, args=[key]), {"reason": "x"}).status_code in (403, 404)
    assert notice.number not in client.get(reverse("notices")).content.decode()


def test_the_clerk_registers_and_the_chair_answers(client, place, notice):
    client.force_login(place.clerk)
    given = {"text": "来访的人说他家有两套住房。", "who": "anonymous", "case_number": ""}
    client.post(reverse("notice-objection", args=[notice.pk]), given)
    made = Objection.objects.get()
    assert made.via == "staff" and made.registered_by == place.clerk
    assert "两套住房" not in get(client, place.clerk, "notice", notice.pk)[1]  # she posted it
    assert "两套住房" in get(client, place.unit_chair, "notice", notice.pk)[1]
    address = reverse("objection-answer", args=[made.pk])
    response = client.post(address, {f"o{made.pk}-answer": "已核实不属实。"})
    assert (
        response.status_code == 422
        and "请选异议成立" in response.content.decode()
        and "已核实不属实。" in response.content.decode()
    )
    client.post(address, {f"o{made.pk}-answer": "已核实不属实。", f"o{made.pk}-upheld": "0"})
    made.refresh_from_db()
    assert made.upheld is False and made.answered_by == place.unit_chair


def test_a_registered_objection_that_is_wrong_keeps_what_was_typed(client, place, notice):
    client.force_login(place.clerk)
    response = client.post(reverse("notice-objection", args=[notice.pk]), {"text": "来访的人说他家有两套住房。", "who": "named"})
    assert response.status_code == 422 and "来访的人说" in response.content.decode() and "请填姓名" in response.content.decode()


def test_the_objector_is_revealed_with_and_without_script(client, place, notice):
    made = objection(notice, DAY4, is_named=True, name="赵某", contact="13800000000")
    address = reverse("objection-objector", args=[made.pk])
    assert "赵某" not in get(client, place.head, "notice", notice.pk)[1]
    small = client.post(address, {"reason": "verify"}, headers={"HX-Request": "true"}).content.decode()
    assert "赵某" in small and "<html" not in small
    whole = client.post(address, {"reason": "verify"})
    assert "赵某" in whole.content.decode() and whole["Refresh"].startswith("60;")
    assert Event.objects.filter(kind="disclosure.objector_shown").count() == 2
    assert client.post(address, {}).status_code == 302
    client.force_login(place.clerk)
    assert client.post(address, {"reason": "verify"}).status_code == 403


def test_taking_down_from_the_page(client, place, notice):
    client.force_login(place.clerk)
    client.post(reverse("notice-removal", args=[notice.pk]), {"reason": ""})
    notice.refresh_from_db()
    assert notice.closed_at is None
    client.post(reverse("notice-removal", args=[notice.pk]), {"reason": "金额要改"})
    notice.refresh_from_db()
    assert notice.outcome == "taken_down" and "金额要改" in get(client, place.clerk, "notice", notice.pk)[1]


@pytest.mark.parametrize(("channel", "full"), [("board", True), ("intranet", False), ("open", False)])
def test_the_paper_carries_the_same_masks(client, place, notice, channel, full):
    response, _text = get(client, place.clerk, "notice-print", notice.pk, channel)
    text = pdf_text(response).replace("\n", "")
    assert response["Content-Type"] == "application/pdf"
    assert ("张立诚" in text) == full and "欧阳晓" not in text and "KY-A2026-0218" in text and "7,000.00" in text


def test_a_channel_that_is_not_there_has_no_paper(client, place):
    notice = post(place, channels=["board"])
    assert get(client, place.clerk, "notice-print", notice.pk, "open")[0].status_code == 404
    assert get(client, place.clerk, "notice-print", notice.pk, "nowhere")[0].status_code == 404


def test_the_proof_pack_proves_every_revision_and_names_no_objector(client, place, notice):
    made = objection(notice, DAY4, text="他家有两套住房，请核实。", is_named=True, name="赵某", contact="13800000000")
    flow.answer_objection(made, answer="已核实不属实。", upheld=False, by=place.head, at=DAY4)
    flow.narrow(notice, "KY-A2026-0221", reason="本人撤回同意", by=None, at=DAY4)
    response, _text = get(client, place.auditor, "notice-proof", notice.pk)
    pack = zipfile.ZipFile(io.BytesIO(response.content))
    facts = json.loads(pack.read("notice.json"))
    assert len(facts["channels"]) == 6 and all(channel["intact"] for channel in facts["channels"])
    for channel in facts["channels"]:
        shown = json.loads(pack.read(channel["file"]))
        said = {key: facts[key] for key in ("number", "unit", "title", "basis", "posted_at", "closes_at")}
        said |= {"channel": shown["channel"], "rows": shown["rows"]}
        assert sha256(canonical(said).encode()).hexdigest() == shown["sha256"]
    everything = b"".join(pack.read(name) for name in pack.namelist()).decode()
    assert "赵某" not in everything and "13800000000" not in everything and "两套住房" in everything
    events = json.loads(pack.read("events.json"))
    assert len(events) == 5 and all(sha256((e["prev_hash"] + e["body"]).encode()).hexdigest() == e["hash"] for e in events)
    assert Event.objects.filter(kind="disclosure.proof_downloaded").count() == 1
    clerks, _text = get(client, place.clerk, "notice-proof", notice.pk)
    pack = zipfile.ZipFile(io.BytesIO(clerks.content))
    assert "两套住房" not in pack.read("objections.json").decode()


def test_the_notice_page_asks_a_constant_number_of_questions(client, place, notice, django_assert_max_num_queries):
    for n in range(6):
        objection(notice, DAY4, text=f"第 {n} 条不同意见")
    client.force_login(place.head)
    with django_assert_max_num_queries(16):
        client.get(reverse("notice", args=[notice.pk]))
