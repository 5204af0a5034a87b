"""A standard raised by somebody who knows no code: seen, adopted by a second person; a decision of the year before read again."""

from __future__ import annotations

import pytest

from tests import browser as web
from tests.journeys.people import Town

pytestmark = [pytest.mark.browser, pytest.mark.skipif(web.CHROMIUM is None, reason="Chromium is not installed")]


def test_a_standard_is_raised_seen_and_adopted_by_a_second_person(town: Town):
    policy = town.person("policy").menu("办法与参数").follow("困难职工帮扶办法").follow("调标")
    policy.choose("标准", "年度救助标准").fill("新的值", "1200").fill("从哪天起", "2027-01-01").fill("文号", "总工发〔2026〕9号")
    policy.seen("button", "先看影响").click()
    policy.page.wait_for_selector("#preview :text('还没有名册快照')")
    policy.seen("button", "现在做一份快照").click()
    policy.page.wait_for_selector("#preview :text('影响 32 户')")
    policy.sees("一年增减 ¥6,400.00", "长期困难救助：32 → 32 户，¥32,000.00 → ¥38,400.00")
    policy.press("存成草案").sees("由 ¥1,000.00 调为 ¥1,200.00", "总工发〔2026〕9号")
    draft = policy.page.url.removeprefix(town.url)
    policy.press("报请批准").sees("您自己不能批准")

    head = town.person("head").go(draft)
    head.press("批准").sees("还没有测算过，不能批准")
    head.press("测算这份草案").sees("受影响", "32", "已算完")
    head.follow("钱怎么分").sees("长期困难救助", "按资金来源").follow("按资金来源").sees("结余", "一年能出")
    head.follow("谁受影响").sees("增额")
    head.follow("受影响名单").sees("张*诚").misses("张守诚")
    head.follow("逐条看").sees("¥1,000.00", "¥1,200.00", "长期困难救助")
    head.go(draft).press("批准").sees("已批准，到日施行")

    auditor = town.person("auditor").go("/cases/KY-A2025-0001/").follow("逐条过程和重算")  # decided in the year before
    auditor.sees("2025-03-", "的办法", "临时医疗救助", "近 12 个月自付医疗费占家庭年收入 40% 以上")
    auditor.press("重新计算核对").sees("和当时保存的结果逐字节一致")
    assert town.live.bangfu("audit", "verify").stdout.startswith("OK")


def test_the_lists_say_whom_to_look_at(town: Town):
    clerk = town.person("clerk").menu("线索查找").sees("还没有查找过").press("现在重新查找").sees("应助未助", "张守诚")
    clerk.follow("暂不处理", within="table").fill("原因", "本人不愿申请").press("移到暂不处理")
    clerk.go("/findings/?aside=1").sees("本人不愿申请").press("重新处理").sees("这张名单是空的")
