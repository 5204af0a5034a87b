"""The pages of cases: home, list, case, panel, chart, the form on paper; what they cost and what they never show."""

from __future__ import annotations

import io
import re
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bangfu.access.roles import Role
from bangfu.ledger import flow as ledger
from bangfu.lib.days import today
from bangfu.process import chart, pack, queries
from bangfu.process.models import Case
from bangfu.process.tests.makers import AT, Play, another, appoint, household, world

KINDS = ["apply", "investigate", "check", "notice", "review", "decide", "pay", "follow_up", "close", "closed"]


def as_(client, who, url):
    client.logout()
    client.force_login(who)
    return client.get(url)


@pytest.mark.parametrize("kind", KINDS)
def test_the_page_stands_at_every_stage_for_everybody_who_may_see_it(at_stage, client, place, kind):
    play = at_stage(kind)
    url = f"/cases/{play.case.number}/"
    for who in (
        place.clerk,
        place.chair,
        place.officer,
        place.head,
        *place.members,
        place.cashier,
        place.accountant,
        place.auditor,
    ):
        answer = as_(client, who, url)
        page = answer.content.decode()
        assert answer.status_code == 200 and "办到哪一步" in page and 'role="img"' in page
        assert place.household.identity not in page and place.household.card not in page
        assert page.count("btn-primary") <= 1
    assert as_(client, place.other_clerk, url).status_code == 404
    assert as_(client, place.worker, url).status_code == 403


@pytest.mark.parametrize(
    ("kind", "who", "button"),
    [
        ("apply", "clerk", "受理申请"),
        ("investigate", "clerk", "去填入户调查表"),
        ("check", "officer", "写下评审意见"),
        ("notice", "officer", "交给核对的人"),
        ("review", "head", "写下复核意见"),
        ("decide", "head", "排进评审会"),
        ("pay", "cashier", "去发放"),
        ("follow_up", "clerk", "写下回访"),
        ("close", "officer", "办结归档"),
    ],
)
def test_whoever_may_act_has_the_stages_one_button_and_others_read_who_must(at_stage, client, place, kind, who, button):
    play = at_stage(kind)
    url = f"/cases/{play.case.number}/"
    main = re.compile(rf'btn-primary"[^>]*>\s*{button}<')
    assert main.search(as_(client, getattr(place, who), url).content.decode())
    page = as_(client, place.auditor, url).content.decode()
    assert not main.search(page) and "btn-primary" not in page
    assert f"“{play.case.stage_title}”" in page or "公示到" in page


def test_the_way_a_case_went_back_is_drawn(at_stage, place, client):
    from bangfu.process import flow

    play = at_stage("review")
    play.act(flow.send_back, to="investigate", reason="收入证明只有 10 个月", by=place.head)
    page = as_(client, place.officer, f"/cases/{play.case.number}/").content.decode()
    assert "退回补正" in page and "收入证明只有 10 个月" in page


def test_an_open_objection_is_drawn_and_stands_first(at_stage, place, client):
    from bangfu.disclosure import flow as disclosure

    play = at_stage("notice").post()
    disclosure.raise_objection(play.case.notices.get().notice, text="他家有两套房，请核实。", is_named=False, at=play.now())
    page = as_(client, place.officer, f"/cases/{play.case.number}/").content.decode()
    assert "有异议：核实" in page and "公示有 1 条异议待答复" in page and "待答复" in page
    assert "他家有两套房" not in page


def test_the_chart_of_a_serious_case_has_ten_stages_in_two_rows(at_stage):
    from bangfu.process.chart import chart

    play = at_stage("check").check("serious")
    drawn = chart(play.case, list(play.case.steps.all()), at=play.at)
    assert drawn.total == 10 and drawn.place == 4
    heights = set(re.findall(r'class="box" x="[\d.]+" y="([\d.]+)"', str(drawn.svg)))
    assert len(heights) == 2 and "现在是上报集团、省、市" in drawn.sentence
    assert 'style="' not in drawn.svg


def test_home_lists_what_waits_overdue_first_and_counts_it(place, client, settings):
    families = [household(place.unit, serial=101 + 2 * n, name=f"家庭{n}") for n in range(3)]
    plays = [Play(place, household=one) for one in families]
    plays[0].start(by=place.clerk).accept()
    plays[1].start(by=place.clerk)
    plays[2].start(by=place.clerk).accept().survey()
    settings.CLOCK = lambda: plays[0].now(days=0)
    plays[0].at = plays[0].now(days=30)
    page = as_(client, place.clerk, "/").content.decode()
    assert "有 2 件事等您办" in page and "填入户表" in page and "去受理" in page and "逾期" in page
    assert page.index("家庭0") < page.index("家庭1") and "家庭2" not in page
    chair = as_(client, place.chair, "/").content.decode()
    assert "确认同去入户" in chair and "家庭2" in chair
    assert "今天没有要办的事" in as_(client, place.other_clerk, "/").content.decode()


def test_the_filter_of_the_strip_keeps_its_rows_only(place, client, settings):
    play = Play(place).start(by=place.clerk).accept()
    settings.CLOCK = lambda: play.at
    assert "张守诚" in as_(client, place.clerk, "/").content.decode()
    assert "张守诚" not in as_(client, place.clerk, "/?only=late").content.decode()
    play.now(days=40)
    assert "张守诚" in as_(client, place.clerk, "/?only=late").content.decode()


@pytest.mark.parametrize(("kind", "who", "words"), [("decide", "head", "排进评审会"), ("notice", "officer", "发布公示")])
def test_the_office_sees_its_turn(at_stage, client, place, kind, who, words):
    at_stage(kind)
    assert words in as_(client, getattr(place, who), "/").content.decode()


def test_the_number_of_statements_does_not_grow_with_the_cases(place, client, settings):
    settings.CLOCK = lambda: AT + timedelta(days=1)

    def filled(count: int, start: int) -> None:
        for n in range(count):
            made = Play(place, household=household(place.unit, serial=start + 2 * n, name=f"家庭{start + n}"))
            made.start(by=place.clerk)
            if n % 2:
                made.accept().survey().countersign()

    def counted(who, url: str) -> int:
        client.logout()
        client.force_login(who)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(url).status_code == 200
        return len(caught)

    filled(4, 101)
    before = {(who.username, url): counted(who, url) for who in (place.clerk, place.officer) for url in ("/", "/cases/")}
    filled(8, 301)
    after = {(who.username, url): counted(who, url) for who in (place.clerk, place.officer) for url in ("/", "/cases/")}
    assert before == after, (before, after)
    assert max(after.values()) <= 45, after


@pytest.mark.parametrize(
    "query", ["?q=守诚", "?q=KY-A2026-0001", "?q=zsc", "?stage=check", "?unit=ky-sd", "?state=open&due=", "?sort=-number"]
)
def test_the_list_finds_the_case(at_stage, client, place, query):
    at_stage("check")
    assert "张守诚" in as_(client, place.officer, f"/cases/{query}").content.decode()


@pytest.mark.parametrize(
    "query", ["?q=nobody", "?stage=pay", "?unit=ky-wz", "?state=closed", "?due=late", "?page=x&per=999&sort=bad"]
)
def test_the_list_stands_any_filter(at_stage, client, place, query):
    at_stage("check")
    answer = as_(client, place.officer, f"/cases/{query}")
    assert answer.status_code == 200 and (("张守诚" in answer.content.decode()) == query.startswith("?page"))


def test_another_organisation_sees_nothing(at_stage, client, place):
    from bangfu.access.tests.makers import organisation

    play = at_stage("check")
    stranger = another(place, "stranger", Role.OFFICE_HEAD, organisation("xian", "XA", "县总"))
    assert as_(client, stranger, f"/cases/{play.case.number}/").status_code == 404
    assert "张守诚" not in as_(client, stranger, "/cases/").content.decode()
    assert "张守诚" not in as_(client, stranger, "/").content.decode()
    assert as_(client, stranger, f"/cases/{play.case.number}/approval.pdf").status_code == 404
    assert Case.objects.visible_to(stranger).count() == 0


def test_the_households_panel_shows_its_cases_and_this_years_help(at_stage, client, place):
    play = at_stage("follow_up")
    url = f"/households/{place.household.number}/cases/"
    page = as_(client, place.officer, url).content.decode()
    assert play.case.number in page and "临时生活救助" in page and "3,000.00" in page
    assert as_(client, place.other_clerk, url).status_code == 404


def test_the_approval_form_carries_every_opinion_the_sum_in_words_and_no_clear_number(at_stage, client, place):
    from pypdf import PdfReader

    play = at_stage("closed")
    client.force_login(place.officer)
    answer = client.get(f"/cases/{play.case.number}/approval.pdf")
    text = re.sub(r"\s", "", "".join(page.extract_text() for page in PdfReader(io.BytesIO(answer.content)).pages))
    for words in ("困难职工审批表", "人民币叁仟元整", "评审意见", "情况属实，建议救助。", "评审会决议", play.case.number, "盖章处"):
        assert words in text, words
    assert place.household.identity not in text and place.household.card not in text and "长期服药" not in text
    assert (
        "张*诚" in answer["Content-Disposition"]
        or "%E5%BC%A0*" in answer["Content-Disposition"]
        or "utf-8" in answer["Content-Disposition"]
    )


def test_a_failed_payment_shows_on_the_page(at_stage, client, place):
    play = at_stage("pay")
    ledger.mark_failed(play.send(), reason="户名不符", by=place.accountant, at=play.now())
    assert "银行退回" in as_(client, place.officer, f"/cases/{play.case.number}/").content.decode()


def test_free_words_stand_sealed_in_the_database(at_stage):
    play = at_stage("check")
    with connection.cursor() as cursor:
        cursor.execute("SELECT findings FROM process_survey WHERE case_id = %s", [play.case.pk])
        assert "长期服药".encode() not in bytes(cursor.fetchone()[0])
        cursor.execute("SELECT body FROM audit_event")
        assert not any("长期服药" in row[0] for row in cursor.fetchall())


def test_home_sends_workers_and_administrators_to_their_own_pages(place, client):
    admin = another(place, "admin", Role.SYSTEM_ADMIN)
    answer = as_(client, admin, "/")
    assert answer.status_code == 302 and answer["Location"] == "/units/"
    assert as_(client, place.worker, "/").status_code == 302


def test_somebody_with_two_posts_sees_both_turns(db, client, settings):
    place = world()
    appoint(place.chair, Role.OFFICE_OFFICER, place.organisation)
    play = Play(place).to("check")
    settings.CLOCK = lambda: play.at
    found = queries.todo(place.chair, at=play.at)
    assert [row.kind for row in found.rows] == ["check"] and found.rows[0].url == f"/cases/{play.case.number}/"
    assert play.at > AT


def test_the_strip_and_the_cashiers_row_tell_the_same_sum_of_the_same_payments(place, client, settings):
    """Reserved and sent ones are still to be paid; a paid one only lacks its signatures, a released one is the office's."""
    plays = [Play(place, household=household(place.unit, serial=401 + 2 * n, name=f"家庭{n}")) for n in range(4)]
    for n, play in enumerate(plays):
        play.at += timedelta(days=n)
        play.start(by=place.clerk).accept().survey().countersign().papers().check().post().close_notice().review().agenda().vote()
    reserved, sent, paid, released = plays
    sent.send()
    paid.pay()
    ledger.release(released.row, reason="重新核对", by=place.officer, at=released.now())
    settings.CLOCK = lambda: released.at
    found = queries.todo(place.cashier, at=released.at)
    rows = {row.kind: row for row in found.rows}
    assert (rows["pay"].people, rows["pay"].amount_fen) == (found.counts.to_pay, found.counts.to_pay_fen) == (2, 600_000)
    assert (rows["sign"].who, rows["sign"].button, rows["sign"].url) == ("家庭2", "去签字", f"/disbursements/{paid.row.pk}/")
    page = as_(client, place.cashier, "/").content.decode()
    assert "¥6,000.00" in page and "6,000.00" in page and "2 人" in page
    assert queries.todo(place.head, at=released.at).counts.to_pay_fen == 600_000, "the office sees the same"


def test_a_stage_that_may_not_come_has_no_day_and_moves_none(at_stage):
    """上报 comes by the degree of hardship: before the judgement nobody knows, so the notice is expected without it."""
    play = at_stage("check")
    on = today(play.at)
    open_ = {stage.id: (day, is_sure) for stage, day, is_sure in pack.path_ahead(play.case, {"programme": "temporary_living"}, on)}
    assert open_["propose"] == (None, False)
    assert open_["notice"][0] == play.case.due_on + timedelta(days=7), "the judgement's term and seven days"
    drawn = chart.chart(play.case, list(play.case.steps.all()), at=play.at)
    details = {row["title"]: row["detail"] for row in drawn.rows}
    assert details["上报集团、省、市"].startswith("视情况") and details["公示 7 天"].startswith(f"预计 {open_['notice'][0]:%m-%d}")
    serious = {stage.id: day for stage, day, _sure in pack.path_ahead(play.case, {"degree": "serious"}, on)}
    assert serious["propose"] is not None and serious["notice"] == serious["propose"] + timedelta(days=7)
    ordinary = {stage.id: day for stage, day, _sure in pack.path_ahead(play.case, {"degree": "ordinary"}, on)}
    assert "propose" not in ordinary and ordinary["notice"] == open_["notice"][0]


def test_a_session_whose_day_has_passed_is_a_to_do_until_it_is_moved_or_closed(at_stage, client, place):
    play = at_stage("decide")
    play.agenda()
    home = f"/sessions/{play.meeting.pk}/"
    assert "改期" not in [row.what for row in queries.todo(place.officer, at=play.at).rows]
    play.now(days=3)
    for who in (place.officer, place.head):
        (row,) = [row for row in queries.todo(who, at=play.at).rows if row.kind == "session"]
        assert (row.what, row.url, row.is_late(today(play.at))) == ("过了开会那天没有开，改期", home, True)
    assert not [row for row in queries.todo(place.clerk, at=play.at).rows if row.kind == "session"]
    page = as_(client, place.officer, home).content.decode()
    assert "过了开会那天，没有开" in page and f'action="{home}date/"' in page
    day = today(play.at) + timedelta(days=1)
    assert client.post(f"{home}date/", {"day": "昨天", "hour": "9:00", "version": play.meeting.version}).status_code == 422
    play.meeting.refresh_from_db()
    assert client.post(f"{home}date/", {"day": str(day), "hour": "9:00", "version": play.meeting.version}).status_code == 302
    assert not [row for row in queries.todo(place.officer, at=play.at).rows if row.kind == "session"]
    play.meeting.refresh_from_db()
    play.at = play.meeting.held_at
    play.vote()
    assert play.case.stage_kind == "pay", "the agenda moved with it"
    play.now(days=1)
    (row,) = [row for row in queries.todo(place.officer, at=play.at).rows if row.kind == "session"]
    assert row.button == "去结束"
