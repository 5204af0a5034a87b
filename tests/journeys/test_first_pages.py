"""First pages and short ones: a role whose pages are still to come, help for everybody, a case on the phone."""

from __future__ import annotations

import pytest

from tests import browser as web

pytestmark = [pytest.mark.browser, pytest.mark.skipif(web.CHROMIUM is None, reason="Chromium is not installed")]

FOLDED = "details[data-open-wide]"


def test_the_leader_reads_what_will_be_here_and_whom_to_ask(town):
    leader = town.person("leader", width=web.PHONE)
    leader.home().sees("您结对的家庭名单", "李静宜", "办法与参数")
    leader.follow("帮助：每件事怎么办").sees("您要办的事", "看办法", "词是什么意思")
    leader.home().follow("办法与参数", within="main").sees("困难职工帮扶办法")


@pytest.mark.parametrize("who", ["clerk", "committee", "accountant", "policy", "secadmin", "worker", ""])
def test_everybody_has_a_page_of_help(town, who):
    person = town.person(who)
    if who in ("", "worker"):
        person.go("/help/").sees("不明白的，看这里", "找人问")
        return
    person.home().follow("帮助", within="header").sees("您要办的事", "有事找谁", "词是什么意思")
    for summary in person.page.locator("#jobs summary").all():
        if summary.evaluate("one => !one.parentElement.open"):
            summary.click()
    person.sees("改密码、忘了密码", "点右上角自己的名字")
    person.home().page.keyboard.press("?")
    person.page.wait_for_url("**/help/")


def test_a_case_that_is_nearly_done_is_short_on_a_phone_and_whole_on_a_desk(town):
    phone = town.person("officer", width=web.PHONE)
    phone.go("/cases/?stage=pay").arrive(phone.page.locator("tbody th a").first)
    page = phone.page
    height = page.evaluate("document.documentElement.scrollHeight")
    assert height < 2200, height
    assert page.locator(f"{FOLDED}[open]").count() == 0 and page.locator(FOLDED).count() >= 5
    assert not page.locator(".bf-prog .todo").first.is_visible()
    phone.unfold("办理记录").sees("受理申请", within="#steps")
    phone.unfold("后面还有", within="#chart").sees("办结归档", within="#chart")
    url = page.url.removeprefix(town.url)

    desk = town.person("officer").go(url)
    assert desk.page.locator(FOLDED).count() == desk.page.locator(f"{FOLDED}[open]").count()
    plain = town.person("officer", width=web.PHONE, javascript=False).go(url)
    plain.unfold("入户调查").sees("年收入", within="#survey")
