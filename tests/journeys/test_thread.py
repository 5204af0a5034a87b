"""The thread: twelve people take one household of the roster from a file to a signed payout, and file it."""

from __future__ import annotations

import re

import pytest

from tests import browser as web
from tests.journeys.people import Person, Town, photo
from tests.journeys.roster import import_roster

pytestmark = [pytest.mark.browser, pytest.mark.skipif(web.CHROMIUM is None, reason="Chromium is not installed")]

WHO = "孙秋菊"
PAPERS = (
    "本人签名的申请书",
    "本人和家庭成员身份证",
    "户口簿（全本）",
    "近 12 个月工资流水或收入证明",
    "近 12 个月自付医疗费票据或结算单",
)
BOARD = ("member1", "member2", "member3", "member4", "committee")


def test_a_household_of_the_roster_gets_its_money(town):
    clerk = town.person("clerk")
    import_roster(clerk)
    number = file_application(clerk)
    papers_and_facts(clerk)
    town.move(days=3)
    visit_and_countersign(town)
    officer = town.person("officer")
    check_and_post(officer, town)
    town.move(days=8)
    officer.todo(WHO, "公示期满").sees("公示期满，等结束").press("结束公示").stands_at(5, "复核")
    head = town.person("head")
    head.todo(WHO, "复核").fill("复核意见", "同意提交评审会。").press("写下复核意见").stands_at(6, "评审会")
    name = convene(officer, "2026-12-02")
    officer.todo(WHO).choose("哪次会", name).press("排进评审会").sees("已排进评审会。", name)
    town.move(days=1, hours=5)
    chair = decide(town, name)
    chair.follow(number).sees("批准2,000.00", "待付", "同意 5，不同意 0，退回 0").stands_at(7, "发放")
    pay(town)
    receipt(town)
    town.move(days=30)
    clerk.todo(WHO, "回访").tick("好转", group="现在怎么样")
    clerk.fill("回访情况", "药费接上了，孩子照常上学。").press("写下回访").stands_at(9, "办结归档")
    officer.todo(WHO, "办结归档").press("办结归档").sees("已办结归档。", "已归档", "KY-D2027-0001")
    officer.sees("提交申请", "受理申请", "交入户调查表", "确认同去入户", "回访", "办结归档", within="#steps")
    for book in ("audit", "ledger"):
        told = town.live.bangfu(book, "verify")
        assert told.returncode == 0 and told.stdout.startswith("OK"), (book, told.stdout, told.stderr)


def file_application(clerk: Person) -> str:
    """代办: find her, write down what she said and signed; the number of the case."""
    clerk.home().follow("新建申请").fill("找职工", WHO).press("找").follow("替这家申请").sees(f"代{WHO}申请")
    clerk.choose("申请的项目", "临时生活救助").tick("家属大病", group="遇到了什么困难")
    clerk.fill("本人怎么说", "爱人今年住院两次，借了钱。").fill("申请金额", "2000")
    for question in ("同意用健康情况评审吗？", "同意用银行卡发钱吗？", "公示时同意写姓名吗？"):
        clerk.tick("同意", group=question)
    clerk.press("提交申请", status=422).sees("已看过本人签字的申请书和授权书", within=".bf-note")
    assert clerk.field("本人怎么说").input_value() == "爱人今年住院两次，借了钱。"
    clerk.tick("已看过本人签字的申请书和授权书").press("提交申请").sees("申请已提交").stands_at(1, "申请")
    number = clerk.page.url.rstrip("/").split("/")[-1]
    assert re.fullmatch(r"KY-A2026-\d{4}", number), number
    clerk.press("受理申请").sees("已受理，转到入户调查。").stands_at(2, "入户调查")
    return number


def papers_and_facts(clerk: Person) -> None:
    """Papers that were seen, one of them as a photo; what the rules still ask of the household."""
    for title in PAPERS:
        clerk.unfold("上传材料", within="#papers").choose("哪一项材料", title, within="#papers")
        clerk.fill("备注", "原件已核对", within="#papers").press("收下材料").sees("材料已收下。")
    clerk.unfold("上传材料", within="#papers").choose("哪一项材料", "二级以上医院的诊断证明", within="#papers")
    clerk.give("文件", photo(), within="#papers").press("收下材料").sees("9 项，齐 6 项", within="#papers")
    clerk.follow("档号").unfold("改档案").follow("房产、车辆等财产")
    clerk.fill("财产核到哪天", "2026-11-20").fill("为什么改", "问过本人，没有这些财产").press("保存")
    clerk.unfold("改档案").follow("户主与基本情况").choose("拒绝配合调查核查", "否").choose("隐瞒收入或家庭变动", "否")
    clerk.fill("为什么改", "走访邻居和部门以后填").press("保存").sees("五清")


def visit_and_countersign(town: Town) -> None:
    """The clerk fills the form in on her phone, at the kitchen table; the chair, who went along, confirms it on his."""
    clerk = town.person("clerk", width=web.PHONE)
    clerk.todo(WHO, "入户调查").fill("哪天入户", "2026-11-23").choose("同去的人", "马国良")
    clerk.fill("看到的情况", "租房住，爱人卧床，儿子上初中。")
    assert clerk.field("家里几口人").input_value() == "5" and clerk.field("近 12 个月全家收入").input_value() == "40,800.00"
    clerk.tick("没有", group="同一事由从别处领过救助吗？").give("入户照片", [photo()])
    clerk.press("交入户调查表").sees("入户调查表已交", "等同去的马国良").stands_at(2, "入户调查")
    chair = town.person("chair", width=web.PHONE)
    chair.todo(WHO, "确认同去入户").press("确认我一同入户").sees("已签字。").stands_at(3, "评审")


def check_and_post(officer: Person, town: Town) -> None:
    """评审, then the notice; a passer-by reads it with the name masked."""
    officer.todo(WHO, "评审").sees("¥2,000.00", within="#advice").tick("一般", group="困难程度")
    officer.fill("拟帮扶金额", "2000").fill("评审意见", "情况属实，按临时生活救助。")
    officer.press("写下评审意见").sees("评审意见已写下。").stands_at(4, "公示")
    officer.todo(WHO, "公示").choose("核对的人", "钱文静").press("交给核对的人").sees("公示待核对", "等钱文静核对。还没有发布")
    clerk = town.person("clerk", width=web.PHONE).todo(WHO, "核对公示").sees("公开网页", "孙*菊", "孙秋菊", "2,000.00")
    clerk.press("核对无误，发布").sees("公示已发布。", "公示中")
    officer.todo(WHO, "公示").follow("看公示页").sees("孙*菊", "全名只在单位公示栏")
    address = officer.text("#open-url").removeprefix(town.url)
    for width in (web.DESKTOP, web.PHONE):
        reader = town.person("", width=width).go(address)
        reader.sees("孙*菊", "2,000.00", "还剩 7 天", "因病").misses(WHO)


def convene(officer: Person, day: str) -> str:
    officer.menu("评审会").fill("哪天", day).fill("几点", "14:00").fill("地点", "三楼会议室").press("召集评审会")
    return officer.title()


def decide(town: Town, name: str) -> Person:
    """All sign in, each votes within two clicks of the to-do, two of them on the phone; the chair announces."""
    board = [town.person(who, width=web.PHONE if who in ("member1", "member3") else web.DESKTOP) for who in BOARD]
    for member in board:
        member.menu("评审会").follow(name).press("我来签到")
    chair = board[-1].press("开始会议").sees("正在开", "实到 5 人")
    for member in board:
        member.home().counted()
        member.todo(name, "表决").sees("租房住，爱人卧床", "7 天，无异议").press("同意 ¥2,000.00")
        assert member.counted() <= 2, "a vote takes two clicks from the to-do"
        member.misses("决议")
    left = chair.text("#motion-money")
    chair.press("宣布结果").sees("同意 ¥2,000.00", "人民币贰仟元整", "同意 5，不同意 0")
    assert chair.text("#motion-money") == left, "money that is now set aside is not taken twice"
    return chair


def pay(town: Town) -> None:
    """The cashier makes the batch; the accountant books what the bank answered, and the cashier cannot."""
    cashier, accountant = town.person("cashier"), town.person("accountant")
    cashier.menu("发放").follow("待付·银行").tick(f"选 {WHO}").press("制作银行批次").sees("人民币贰仟元整")
    cashier.press("制作银行批次").sees("等银行结果 1 笔")
    assert not cashier.can("button", "登记这些已付")
    batch = cashier.title().removeprefix("批次 ")
    accountant.menu("发放").follow("银行批次").follow(batch).fill("流水号", "ICBC20261202001")
    accountant.tick("还没有结果的 1 笔都成功了").press("登记这些已付").sees("2026-12-0001", WHO, "2,000.00", "人民币贰仟元整")


def receipt(town: Town) -> None:
    """She signs with a finger on the cashier's phone, the cashier signs too; the code on the paper checks."""
    cashier = town.person("cashier", width=web.PHONE)
    cashier.menu("发放").follow("待签收").follow(WHO).sees("等双方签字", "人民币贰仟元整")
    cashier.draw().press("领款人签收").sees("等付款人签字").press("我已付讫，签字").sees("已签收")
    assert cashier.opened("打印回执").startswith(b"%PDF")
    cashier.follow("KY-A2026").stands_at(8, "回访")
    cashier.page.go_back()
    code = cashier.page.locator("a[href^='/check/']").first.inner_text()
    reader = town.person("", width=web.PHONE).go("/check/").fill("验证码", code).press("查一查")
    reader.sees("这张回执是真的", "孙*菊", "人民币贰仟元整", "双方都已签字").misses(WHO)
