"""Without scripts, and without a mouse."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from tests import browser as web
from tests.journeys.people import Person, Town

pytestmark = [pytest.mark.browser, pytest.mark.skipif(web.CHROMIUM is None, reason="Chromium is not installed")]

SESSION_DAY = datetime(2026, 11, 23, 5, 50, tzinfo=UTC)  # Monday 13:50 in Shanghai: the next session
BOARD = ("member1", "member2", "member3", "committee")


def opened_session(town: Town, **options: bool) -> list[Person]:
    """The members sign in and the chair opens the session that today's two cases wait for."""
    board = [town.person(who, **options) for who in BOARD]
    for member in board:
        member.todo("第 4 次评审会", "开会签到").press("我来签到")
    board[-1].press("开始会议").sees("正在开")
    return board


def test_apply_publish_and_vote_without_scripts(at_town):
    town = at_town(SESSION_DAY)
    officer, clerk = (town.person(who, javascript=False) for who in ("officer", "clerk"))
    clerk.home().follow("新建申请").fill("找职工", officer.home().whose("办结归档")).press("找").follow("替这家申请")
    clerk.choose("申请的项目", "临时生活救助").tick("意外事故", group="遇到了什么困难")
    clerk.fill("本人怎么说", "房子着火，衣被都没有了。").fill("申请金额", "1000")
    for question in ("同意用健康情况评审吗？", "同意用银行卡发钱吗？", "公示时同意写姓名吗？"):
        clerk.tick("不同意", group=question)
    clerk.tick("已看过本人签字的申请书和授权书").press("提交申请").sees("申请已提交").press("受理申请").sees("已受理")

    officer.todo(officer.home().whose("评审困难程度"), "评审困难程度").unfold("上传材料", within="#papers").choose(
        "哪一项材料", "近 12 个月工资流水", within="#papers"
    )
    officer.fill("备注", "原件已核对", within="#papers").press("收下材料").tick("一般", group="困难程度")
    officer.tick("没有", group="同一事由从别处领过救助吗？").fill("拟帮扶金额", "3000").fill("评审意见", "家庭确有困难。")
    officer.press("写下评审意见").stands_at(4, "公示")
    officer.choose("核对的人", "钱文静").press("交给核对的人").sees("公示待核对")
    clerk.go(officer.page.url.removeprefix(town.url)).follow("去核对公示").press("核对无误，发布").sees("公示已发布。", "公示中")

    board = opened_session(town, javascript=False)
    for member in board:
        member.todo("第 4 次评审会", "表决").press("同意").sees("您在")
    board[-1].press("宣布结果").sees("决议", "同意 4")


def test_a_member_votes_with_the_keyboard_alone(at_town):
    town = at_town(SESSION_DAY)
    member = opened_session(town)[0]
    page = member.home().page
    row = page.locator("#todo tbody tr", has_text="第 4 次评审会").locator("a")
    for _ in range(80):  # by the tabulator to the one button of the row
        page.keyboard.press("Tab")
        if row.evaluate("link => link === document.activeElement"):
            break
    with page.expect_navigation():
        page.keyboard.press("Enter")
    first = page.url
    with page.expect_navigation():
        page.keyboard.press("j")  # the next one
    assert page.url != first
    second = member.title()
    with page.expect_navigation():
        page.keyboard.press("k")  # and back
    assert page.url == first
    for title in (member.title(), second):
        assert member.title() == title
        with page.expect_navigation():
            page.keyboard.press("a")  # agree to the sum on the button
        member.looked("200")
        member.sees("您在", "投票后不能改")
        if title != second:
            with page.expect_navigation():
                page.keyboard.press("j")
    member.home().misses("表决还有")


def test_the_focus_lands_on_what_must_be_mended(town):
    officer = town.person("officer")
    officer.todo(officer.home().whose("评审困难程度"), "评审困难程度")
    officer.press("写下评审意见", status=422)
    assert officer.page.evaluate("document.activeElement.closest('.bf-note') !== null")
    assert officer.page.title().startswith("错误：")


def test_a_reload_after_a_refusal_looks_again_and_sends_nothing(town):
    officer = town.person("officer")
    officer.todo(officer.home().whose("评审困难程度"), "评审困难程度")
    case_url = officer.page.url.split("#")[0]
    officer.fill("评审意见", "先写一半").press("写下评审意见", status=422)
    assert officer.page.url == case_url and officer.field("评审意见").input_value() == "先写一半"
    asked: list[str] = []
    officer.page.on("request", lambda one: asked.append(one.method) if one.is_navigation_request() else None)
    officer.page.reload()
    assert asked == ["GET"] and officer.page.url == case_url
    officer.looked("200")
    officer.go(f"{case_url.removeprefix(town.url)}check/")  # the act's own address, from the history
    assert officer.page.url == case_url
