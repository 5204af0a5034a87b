"""The worker's application on her phone: eight questions, left in the middle and taken up again, signed, followed; also in 大字."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests import browser as web
from tests.journeys.people import Person, photo

pytestmark = [pytest.mark.browser, pytest.mark.skipif(web.CHROMIUM is None, reason="Chromium is not installed")]

CONSENTS = {"看诊断书和发票": "同意", "用工资卡收款": "同意", "公示 7 天": "只写编号"}


def questions(her: Person) -> list[Callable[[], object]]:
    """What she answers, page by page."""
    return [
        lambda: her.tick("生病、住院").tick("孩子上学"),
        lambda: her.sees("杨桂芳", "138****").tick("对", group="上面的对不对").fill("您最希望工会帮什么", "想换个离医院近的岗位"),
        lambda: her.sees("口人，对吗？"),
        lambda: her.fill("看病", "42,000"),
        lambda: her.tick("大病救助").fill("想申请多少", "3000").tick("打到工资卡"),
        lambda: [her.tick(answer, group=title) for title, answer in CONSENTS.items()],
        lambda: her.give("二级以上医院的诊断证明", photo()),
    ]


def answer(her: Person, first: int, last: int) -> Person:
    asked = questions(her)
    for place in range(first, last + 1):
        her.sees(f"第 {place} 页，共 8 页")
        asked[place - 1]()
        her.press("对，就这" if place == 3 else "下一步")
    return her


def fit_for_thumbs(her: Person, *, taps: int = 44, text: int = 12) -> None:
    assert web.small_taps(her.page, taps) == [], her.page.url
    assert web.small_text(her.page, text) == [], her.page.url


def test_a_worker_applies_on_the_phone(town):
    her = town.person("worker2", width=web.PHONE)
    her.sees("等上门看望").follow("再申请别的")
    her.press("下一步", status=422).sees("第 1 页，共 8 页")  # nothing chosen: she stays, and is told
    answer(her, 1, 4)
    fit_for_thumbs(her)

    her.leave()  # the phone is put away, and taken up again the next day
    town.move(days=1)
    her = town.person("worker2", width=web.PHONE).sees("填到第 5 页").follow("接着填")
    answer(her, 5, 5).sees("都可以不同意", "KY-A2026-…", "杨*芳", "只写编号")
    answer(her, 6, 7).sees("检查您的回答", "42,000.00 元", "大病救助", "只写编号", "二级以上医院的诊断证明")
    her.follow("更改：自己花的钱").sees("第 4 页，共 8 页").fill("看病", "45,000").press("改好了，回去检查")
    her.sees("检查您的回答", "45,000.00 元")  # and back to where she was
    her.press("提交申请", status=422).sees("签字")  # not signed yet
    her.draw().press("提交申请").sees("已提交", "大病救助，申请 ¥3,000.00", "上门看望", "还差")
    number = re.search(r"KY-A2026-\d{4}", her.text()).group()  # type: ignore[union-attr]
    assert her.opened("下载申请书").startswith(b"%PDF")
    her.follow("看进度").sees("已提交，等工会受理", number, "到账")
    fit_for_thumbs(her)

    clerk = town.person("clerk")
    clerk.todo("杨桂芳", "大病救助").sees(number, "手机提交", "大病救助").press("受理申请")
    town.move(minutes=5)
    her.go(f"/my/applications/{number}/").sees("上门看望")
    her.go("/my/who-saw/").sees("还没有人打开看过。")


def test_what_she_types_is_kept_every_twenty_seconds_and_when_the_browser_is_closed(town):
    her = town.person("worker2", width=web.PHONE)
    her.page.clock.install()
    her.follow("再申请别的")
    answer(her, 1, 1)
    her.fill("用几句话说说", "去年住院三次，")
    with her.page.expect_response(lambda answered: answered.url.endswith("/me/typed/") and answered.status == 204):
        her.page.clock.run_for(21_000)
    her.page.get_by_text("已自动保存").wait_for()
    her.fill("用几句话说说", "去年住院三次，今年又查出来一样病。")
    her.go("/my/").leave()  # the page is left without 下一步, and the browser closed
    her = town.person("worker2", width=web.PHONE).follow("接着填").sees("上次填的还在")
    assert her.field("用几句话说说").input_value() == "去年住院三次，今年又查出来一样病。"


def test_the_application_in_large_type(town):
    her = town.person("worker2", width=web.PHONE)
    her.press("大字") if her.can("button", "大字") else her.follow("大字")
    her.follow("再申请别的")
    for place in range(1, 9):
        fit_for_thumbs(her, taps=60, text=18)
        assert her.faults() == [], her.page.url
        if place < 8:
            answer(her, place, place)
    her.draw().press("提交申请").sees("已提交")
    fit_for_thumbs(her, taps=60, text=18)
