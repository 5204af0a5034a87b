"""What cases and money add to the pages of the household: timeline, list columns, search, the year's help, 新建申请."""

from __future__ import annotations

from datetime import date

from django.db import connection
from django.test.utils import CaptureQueriesContext

from bangfu.disclosure import flow as disclosure
from bangfu.governance import flow as governance
from bangfu.household.flow import declare_kinship, note_outside_help
from bangfu.household.timeline import timeline_of
from bangfu.lib.days import today
from bangfu.policy.ceilings import year_ceiling
from bangfu.policy.queries import in_force, pack_of
from bangfu.process import flow, household_list
from bangfu.process.flow.decide import latest_motion
from bangfu.process.flow.notice import running_notice
from bangfu.process.help import help_of_year
from bangfu.process.tests.makers import Play


def texts(play, tab, account=None):
    return [line.text for line in timeline_of(play.household, tab, account=account, limit=None).lines]


def test_the_timeline_tells_the_whole_case_under_its_tabs(at_stage, place):
    play = at_stage("closed")
    (paid,) = timeline_of(play.household, "money", account=place.officer).lines
    assert (paid.text, paid.amount_fen, paid.url) == ("临时生活救助", 300_000, f"/disbursements/{play.row.pk}/")
    assert "凭证 2026-" in paid.detail and "已签收" in paid.detail
    assert texts(play, "visit") == ["回访，赵晓梅", "会签入户调查表", "同去的人确认入户", "入户调查，赵晓梅、周德林"]
    steps = [text.removeprefix("临时生活救助：") for text in texts(play, "approval")]
    assert steps == [
        "办结归档", "评审会通过", "排进评审会", "复核", "结束公示", "开始公示", "评审困难程度",
        *[step for step in steps if step.startswith("交材料")], "受理申请", "本人提交申请",
    ]  # fmt: skip


def test_amounts_stand_at_the_acts_that_set_them(at_stage, place):
    play = at_stage("pay")
    lines = {line.text.partition("：")[2]: line.amount_fen for line in timeline_of(play.household, "approval", limit=None).lines}
    assert lines["评审困难程度"] == lines["开始公示"] == lines["评审会通过"] == 300_000 and lines["复核"] is None


def test_who_has_no_part_in_the_money_comes_to_the_case_instead(at_stage, place):
    play = at_stage("follow_up")
    (paid,) = timeline_of(play.household, "money", account=place.clerk).lines
    assert paid.url == f"/cases/{play.case.number}/"


def test_kin_see_nothing_of_the_cases(at_stage, place):
    play = at_stage("pay")
    declare_kinship(play.household, place.officer, relation="表兄", by=place.officer, at=play.now())
    assert texts(play, "approval", place.officer) == [] and texts(play, "approval", place.head)
    assert "status" not in household_list.columns([play.household], today(play.at), place.officer)[play.household.pk]
    assert household_list.hits(place.officer, play.case.number) == []


def test_the_statements_of_the_timeline_do_not_grow_with_the_events(at_stage, place):
    play = at_stage("apply")

    def count():
        with CaptureQueriesContext(connection) as found:
            timeline_of(play.household, account=place.officer)
        return len(found)

    count()
    few = count()
    play.accept().survey().countersign().papers().check().post().close_notice().review().agenda().vote().pay().receipt()
    assert count() <= few + 2  # the vouchers and the reader's part in money, asked for once something is paid


def test_a_read_paper_stands_under_who_saw(at_stage, place, client):
    play = at_stage("investigate")
    paper = flow.add_paper(
        play.case.pk, item="application", content=b"%PDF-1.4\n%%EOF\n", name="a.pdf", by=place.clerk, at=play.now()
    )
    client.force_login(place.officer)
    assert client.get(f"/files/{paper.file_id}/").status_code == 200
    (line,) = texts(play, "seen")
    assert line.startswith("李静宜查看材料：")


def test_the_list_shows_the_year_what_is_left_the_visit_and_the_matter(at_stage, place, client):
    play = at_stage("follow_up")
    row = household_list.columns([play.household], today(play.at), place.officer)[play.household.pk]
    assert row["year_fen"] == 300_000 and row["left_fen"] == 700_000 and row["visit"] == "11-02 赵晓梅"
    assert row["status"]["text"].startswith("回访 · ")
    client.force_login(place.officer)
    page = client.get("/households/").content.decode()
    assert "7,000.00" in page and "11-02 赵晓梅" in page and "回访 · " in page
    page = client.get(f"/households/{play.household.number}/").content.decode()
    assert f"/households/{play.household.number}/cases/new/" in page and "凭证 2026-" in page


def test_a_late_matter_is_red_and_one_of_today_amber(at_stage, place):
    play = at_stage("investigate")
    case = play.fresh()

    def kind(on):
        return household_list.columns([play.household], on, place.officer)[play.household.pk]["status"]["kind"]

    assert kind(case.due_on) == "due" and kind(date(2027, 3, 1)) == "late" and kind(today(play.at)) == "none"


def test_the_columns_take_the_same_statements_for_one_row_and_for_many(at_stage, place):
    play = at_stage("investigate")
    with CaptureQueriesContext(connection) as one:
        household_list.columns([play.household], today(play.at), place.officer)
    with CaptureQueriesContext(connection) as many:
        household_list.columns([play.household] * 50, today(play.at), place.officer)
    assert len(many) <= len(one) <= 12


def test_a_case_is_found_by_number_by_its_tail_and_by_name(at_stage, place, client):
    play = at_stage("apply")
    for text in (play.case.number, play.case.number.lower(), str(int(play.case.number[-4:])), "张守", "zhang"):
        assert [hit["title"] for hit in household_list.hits(place.officer, text)] == [play.case.number], text
    assert household_list.hits(place.other_clerk, play.case.number) == [] == household_list.hits(place.officer, " ")
    client.force_login(place.officer)
    assert f"/cases/{play.case.number}/" in client.get("/search/", {"q": play.case.number}).content.decode()


def test_the_years_help_bears_the_programmes_title_and_its_ceiling(at_stage, place):
    play = at_stage("follow_up")
    rows = {row.programme: row for row in help_of_year(play.household, 2026, on=today(play.at))}
    temporary, long_term = rows["临时生活救助"], rows["长期困难救助"]
    assert (temporary.times, temporary.amount_fen, temporary.limit_fen, temporary.left_fen) == (1, 300_000, 1_000_000, 700_000)
    assert (long_term.amount_fen, long_term.limit_fen, long_term.left_fen) == (0, 100_000, 100_000)
    assert help_of_year(play.household, 2025) == []
    assert [row.programme for row in help_of_year(play.household, 2026)] == ["临时生活救助"]


def test_the_panel_shows_the_ceilings_and_help_of_others_apart(at_stage, place, client):
    play = at_stage("follow_up")
    note_outside_help(
        play.household, giver="city", amount_fen=300_000, day=date(2026, 7, 3), what="一次性救助", by=place.officer, at=play.now()
    )
    client.force_login(place.officer)
    page = client.get(f"/households/{play.household.number}/cases/").content.decode()
    for words in ("今年帮扶与上限", "10,000.00", "7,000.00", "本单位合计", "其他方面（另记）", "07-03"):
        assert words in page


def test_the_ceiling_follows_the_day(place):
    pack = pack_of(in_force(place.unit, date(2026, 1, 1)))
    gift = pack.programme("spring_gift")
    assert [year_ceiling(pack, gift, date(year, 3, 1)).limit_fen for year in (2016, 2017, 2018)] == [100_000, 150_000, 200_000]
    assert year_ceiling(pack, pack.programme("illness"), date(2026, 1, 1)) is None
    assert year_ceiling(pack, pack.programme("schooling"), date(2026, 1, 1)) is None  # a student's, not the household's


def test_new_application_opens_the_form_for_this_household(place, client):
    client.force_login(place.clerk)
    answer = client.get(f"/households/{place.household.number}/cases/new/", follow=True)
    assert answer.status_code == 200 and "代张守诚申请" in answer.content.decode()
    client.force_login(place.other_clerk)
    assert client.get(f"/households/{place.household.number}/cases/new/").status_code == 404
    client.force_login(place.auditor)
    assert "新建申请" not in client.get(f"/households/{place.household.number}/").content.decode()


def test_a_motion_taken_off_leaves_a_step_and_can_be_put_on_again(at_stage, place, client):
    play = at_stage("decide").agenda()
    version = play.fresh().version
    governance.take_off_agenda(latest_motion(play.case).motion, reason="材料不齐", by=place.head, at=play.now())
    step = play.fresh().steps.order_by("-version").first()
    assert (step.act, step.reason, play.case.version) == ("take_off_agenda", "材料不齐", version + 1)
    client.force_login(place.head)
    page = client.get(f"/cases/{play.case.number}/").content.decode()
    assert "撤下议题" in page and f"/cases/{play.case.number}/agenda/" in page
    assert play.agenda().case.stage_kind == "decide"


def test_a_case_sent_back_takes_its_motion_off_in_the_same_act(at_stage, place):
    play = at_stage("decide").agenda()
    target = play.case.stage.returns_to[0]
    play.act(flow.send_back, to=target, reason="材料要补充核实", by=place.head)
    acts = list(play.case.steps.order_by("-version").values_list("act", flat=True)[:2])
    assert acts == ["send_back", "take_off_agenda"] and play.case.stage_code == target


def test_a_notice_taken_down_on_its_own_page_can_be_posted_again_from_the_case(at_stage, place, client):
    play = at_stage("notice").post()
    notice = running_notice(play.case)
    disclosure.take_down(notice, reason="金额写错", by=place.officer, at=play.now())
    client.force_login(place.officer)
    page = client.get(f"/cases/{play.case.number}/").content.decode()
    assert f'action="/cases/{play.case.number}/notice/"' in page and "撤下公示" in page
    assert play.post().case.notices.count() == 2


def test_a_list_is_one_line_at_each_act_of_the_household(place):
    play = Play(place)
    case = flow.start_list(
        place.organisation, "spring_gift", [play.household], period="2026", title="2026 年春节慰问", by=place.officer, at=play.now()
    )
    (line,) = [one for one in timeline_of(play.household, "approval", account=place.officer).lines if "列入名单" in one.text]
    assert line.url == f"/cases/{case.number}/" and f"{case.number}-01" in line.detail
