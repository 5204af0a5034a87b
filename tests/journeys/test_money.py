"""Money: an objection that stops a payout, a failed transfer sent again, the auditor's way from a figure back to the visit."""

from __future__ import annotations

import pytest

from tests import browser as web
from tests.journeys.people import Town

pytestmark = [pytest.mark.browser, pytest.mark.skipif(web.CHROMIUM is None, reason="Chromium is not installed")]

ON_NOTICE = "张守诚"  # worker's own case: on notice until 11-24


def verified(town: Town) -> None:
    for book in ("audit", "ledger"):
        told = town.live.bangfu(book, "verify")
        assert told.returncode == 0 and told.stdout.startswith("OK"), (book, told.stdout, told.stderr)


def test_an_anonymous_word_on_the_open_page_stops_the_case_until_it_is_answered(town):
    officer = town.person("officer").todo(ON_NOTICE).follow("看公示页")
    address = officer.text("#open-url").removeprefix(town.url)
    reader = town.person("", width=web.PHONE).go(address).follow("反映意见")
    reader.press("交给工会", status=422).sees("还没有写意见。请写清对哪一件、有什么不同意见。")
    reader.fill("您的意见", "听说他家刚在城里买了第二套房，请核实。").tick("匿名", group="留不留名").press("交给工会")
    reader.sees("工会已经收到", "答复以前，有关的钱不付。")
    ticket = reader.page.url.removeprefix(town.url)

    town.move(days=5)  # the notice is over, the word is not answered
    officer.todo(ON_NOTICE).sees("有 1 条异议没有答复，钱先不付；答复以后才能结束公示。")
    assert not officer.can("button", "结束公示")
    officer.follow("看异议").sees("内容只有答复和监督的人能看").misses("第二套房")
    assert not officer.can("button", "答复异议"), "who posted the notice does not answer"

    head = town.person("head").go(officer.page.url.removeprefix(town.url))
    head.sees("听说他家刚在城里买了第二套房").fill("核实情况和处理意见", "到不动产登记中心查过，名下只有一套住房。")
    head.tick("不成立", group="异议成立吗").press("答复异议").sees("不成立")
    reader.go(ticket).sees("已经答复", "经核实，您反映的情况不成立。", "名下只有一套住房")
    officer.todo(ON_NOTICE).press("结束公示").stands_at(5, "复核")
    verified(town)


def test_a_notice_with_a_fresh_objection_is_not_closed(town):
    """The officer's page still shows the button while the clerk takes down a letter; pressing it is refused with a sentence."""
    officer = town.person("officer")
    over = officer.home().whose("公示期满")
    officer.todo(over, "公示期满")
    unit = officer.text(".bf-head .bf-s").split(" · ")[0]
    assert officer.can("button", "结束公示")
    clerk = town.person("clerk").todo(over, "公示期满").unfold("登记异议", within="#more")
    clerk.fill("意见", "来信：她爱人开网约车，收入没有报。", within="#act-objection").press("登记异议", within="#act-objection")
    clerk.sees("有 1 条异议没有答复")
    officer.press("结束公示", status=422).sees("异议").stands_at(4, "公示")
    chair = town.person("chair", width=web.PHONE)
    chair.todo(unit, "答复异议").sees("来信：她爱人开网约车").fill("核实情况和处理意见", "查过，爱人没有工作。")
    chair.tick("不成立", group="异议成立吗").press("答复异议")
    officer.todo(over, "公示期满").press("结束公示").stands_at(5, "复核")
    verified(town)


def test_a_hold_after_approval_stops_the_batch(town):
    cashier = town.person("cashier").menu("发放").follow("待付·银行")
    approved = cashier.whose("待付", without="退回")
    cashier.tick(f"选 {approved}").press("制作银行批次").sees(approved)
    head = town.person("head").menu("发放").follow(approved)
    head.fill("为什么要暂停", "来电反映：本人上月已调离，请核实。").press("暂停付款").sees("暂停付款", "来电反映")
    cashier.press("制作银行批次").sees("暂停")  # she had it open before the hold
    assert not cashier.page.url.endswith("/batches/") and "/batches/" not in cashier.page.url
    cashier.menu("发放").follow("待付·银行").sees("来电反映").tick(f"选 {approved}").press("制作银行批次")
    cashier.sees("有暂停付款的，不能一起付。")
    assert not cashier.can("button", "制作银行批次")
    head.fill("解除的理由", "人事科证明本人仍在岗。").press("解除暂停").sees("人事科证明本人仍在岗。")
    cashier.menu("发放").follow("待付·银行").tick(f"选 {approved}").press("制作银行批次").press("制作银行批次").sees(
        "等银行结果 1 笔"
    )
    verified(town)


def test_a_failed_transfer_is_sent_again_and_paid_once(town):
    cashier, accountant = town.person("cashier"), town.person("accountant")
    cashier.menu("发放").follow("待付·银行").sees("银行退回，要重付", "户名与账号不符，银行退回")
    failed = cashier.whose("银行退回")
    accountant.menu("发放").follow("待付·银行").follow(failed)
    accountant.fill("卡号", "6222021687536253779", within="#account").fill("原因", "本人另开的卡", within="#account")
    accountant.press("改成这个账户").sees("**** 3779")
    cashier.tick(f"选 {failed}").press("制作银行批次").press("制作银行批次").sees("等银行结果 1 笔")
    batch = cashier.title().removeprefix("批次 ")
    town.move(days=1)
    accountant.home().menu("发放").follow("银行批次").follow(batch).fill("流水号", "ICBC20261121009")
    accountant.tick("还没有结果的 1 笔都成功了").press("登记这些已付").sees(failed, "3,000.00")
    accountant.follow(failed).sees("银行退回", "ICBC20261121009", "等双方签字")
    assert accountant.opened("打印回执").startswith(b"%PDF")
    cashier.home().menu("发放").follow("待付·银行").misses(failed)
    cashier.follow("待签收").follow(failed).draw().press("领款人签收").press("我已付讫，签字").sees("已签收")
    cashier.menu("发放").fill("在列表里找", failed).press("找").misses("等银行结果")
    verified(town)


def test_the_auditor_goes_from_a_figure_to_the_voucher_and_on_to_the_visit(town):
    auditor = town.person("auditor").menu("资金").sees("账面余额")
    auditor.counted()
    auditor.follow("困难职工帮扶基金").sees("大病救助").follow("2026-10-")
    assert auditor.counted() <= 3, "from a figure to the voucher in three clicks"
    auditor.sees("人民币", "救助", "分录")
    auditor.arrive(auditor.page.locator("main table a[href*='/disbursements/']").first).sees("已签收")
    auditor.follow("KY-A2026-").sees("入户调查", "评审会")
    case = auditor.page.url.removeprefix(town.url)
    auditor.follow("看这件").sees("决议", "同意")
    auditor.go(case).follow("看公示页").sees("期满无异议", "内容与发布时一致")
    auditor.go(case).sees("钱文静", "家具简单", within="#survey")
