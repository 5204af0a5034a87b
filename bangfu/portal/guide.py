"""帮助: how each job is done, by role, in a few plain sentences with the page where it is done; and what the words mean.

Texts only. Which link somebody sees is asked of the access table; a test holds every link against it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from bangfu.access.roles import CASE_STAFF, STAFF, Role

R = Role
FILING = frozenset({R.UNIT_CLERK, R.UNIT_CHAIR, R.OFFICE_OFFICER, R.OFFICE_HEAD})


@dataclass(frozen=True)
class Job:
    """One thing somebody does: its steps in order, and the page where it begins (a URL name without arguments)."""

    id: str
    title: Any
    roles: frozenset[Role]
    steps: tuple[Any, ...]
    page: str = ""
    link: Any = ""


def _job(id: str, title: Any, roles: Any, *steps: Any, page: str = "", link: Any = "") -> Job:
    return Job(id, title, frozenset(roles), steps, page, link)


#: In the order of the work. What everybody of the staff needs comes first.
JOBS: tuple[Job, ...] = (
    _job(
        "todo", _("每天先看什么"), CASE_STAFF,
        _("打开“待办”：要您办的事按截止时间排好，逾期的在最上面，每行右边的按钮带您到要办的那一页。"),
        _("右边“等别人处理”是在别人手里的，“接下来”是两周内到期的公示和会议。"),
        _("顶上的搜索框可以找人、找件：写姓名、拼音首字母、单号或手机尾号。"),
        page="home", link=_("去待办"),
    ),
    _job(
        "password", _("改密码、忘了密码"), set(Role),
        _("点右上角自己的名字，就能改密码。密码是别人设的，第一次登录要先改。"),
        _("忘了密码，请安全管理员重置。连着输错几次账号会锁一会儿，等一等再试。"),
        page="me", link=_("我的岗位和密码"),
    ),
    _job(
        "import", _("导入花名册和档案"), {R.UNIT_CLERK, R.OFFICE_OFFICER},
        _("“导入”里选文件，平时用的表不用改：标题行、合计行、签字行都认得出来。"),
        _("对一对列名，再试算；试算不写入，有错的行会说哪一行、哪里错、怎么改。"),
        _("都对了再写入，要么全部写入，要么一行不写；错的行可以下载下来改好再传。"),
        page="imports", link=_("去导入"),
    ),
    _job(
        "file", _("建档、改档案"), FILING,
        _("“家庭档案”里新建，先写户主、家庭成员、收入、支出和困难原因，再逐项核实“五清”。"),
        _("改了什么、谁改的、改以前是什么，都会留下来，本人也看得到。"),
        _("证件号、卡号、电话平时隐去；要看先选原因，60 秒后自动隐去，并留记录。"),
        page="households", link=_("去家庭档案"),
    ),
    _job(
        "filing", _("替职工申请"), FILING,
        _("职工可以自己用手机申请。不会用的，您替他填：打开他家的档案，按“新建申请”。"),
        _("材料可以后补，不耽误先受理。还差什么，“通知申请人补材料”写清楚哪一份、到哪里开。"),
        page="case-new", link=_("新建申请"),
    ),
    _job(
        "survey", _("入户调查"), {R.UNIT_CLERK, R.UNIT_CHAIR},
        _("两个人一起去。在办件页面按“填入户调查表”，手机上也能填。"),
        _("写看到的情况；人口或收入与档案不一样的，先改档案，或写明为什么。"),
        _("交了以后，同去的人用自己的账号确认；单位只有一名干事的，还要主席会签。"),
        page="cases", link=_("看办件"),
    ),
    _job(
        "companion", _("确认同去入户、会签"), {R.UNIT_CHAIR, R.OFFICE_OFFICER, R.OFFICE_HEAD},
        _("待办里有“确认同去入户”：看过调查表，去了就确认；没有去，按“没有同去”写明原因，这张表就作废。"),
        page="home", link=_("去待办"),
    ),
    _job(
        "check", _("评审困难程度、上报"), {R.OFFICE_OFFICER},
        _("系统按办法逐条列出满足、不满足和待查，并给出建议金额，只供参考。"),
        _("您写困难程度、拟帮扶金额和意见；和建议不同的，写明理由。"),
        _("办法要求上报的，记下报到哪一级；上级答复以后登记。上级给的钱另记，不算本级的。"),
        page="cases", link=_("看办件"),
    ),
    _job(
        "notice", _("公示"), FILING,
        _("一个人拟稿，另一个人用自己的账号核对，确认以后才发布。发布当天不算，公示满期才能结束。"),
        _("全名只在单位公示栏写，而且要本人同意；不同意的只写编号和金额。"),
        _("办法要求登报纸、上电视的，刊播以后在公示页面登记：哪天、哪家、第几期第几版，并上传剪报。没有登记，公示不能结束。"),
        _("来信来访来电反映的，登记成异议。答复以前钱不付。"),
        page="notices", link=_("去公示"),
    ),
    _job(
        "objection", _("答复异议"), {R.UNIT_CHAIR, R.OFFICE_HEAD, R.COMMITTEE_CHAIR},
        _("查清楚再答复，写明查了什么、结论是什么。发布公示的人和登记的人不能答复。"),
        _("不成立，钱解除暂缓；成立，退回重新核实，或从名单上去掉。"),
        page="notices", link=_("去公示"),
    ),
    _job(
        "review", _("复核、不予救助"), {R.OFFICE_HEAD},
        _("公示满期没有异议，您复核金额，再排进评审会；金额不能高于公示过的。"),
        _("不予救助的，要写明依据哪一条、缺什么、找谁问。申请人可以再申请一次，由评审会重新看。"),
        page="cases", link=_("看办件"),
    ),
    _job(
        "convene", _("召集评审会、排议程"), {R.OFFICE_OFFICER, R.OFFICE_HEAD, R.COMMITTEE_CHAIR},
        _("“评审会”里召集，委员都会收到消息。复核过的件在各自页面上排进这次会。"),
        _("开会那天替到会的委员打勾，或由他们自己签到；够了法定人数，主任才能开始。"),
        page="sessions", link=_("去评审会"),
    ),
    _job(
        "vote", _("评审会上签到、表决"), {R.COMMITTEE_MEMBER, R.COMMITTEE_CHAIR},
        _("开会当天，待办最上面有“开会签到”。签到后，会一开始就能逐件表决。"),
        _("每一件有材料、办法的建议、钱够不够。选同意、不同意或退回；同意要写金额。投了不能改，票是秘密的。"),
        _("是亲属、同住、或结对的，请按“回避”。该回避的件，系统也会替您挡开。"),
        page="sessions", link=_("去评审会"),
    ),
    _job(
        "preside", _("主持评审会"), {R.COMMITTEE_CHAIR},
        _("人数够了按“开始会议”；每一件投完票宣布结果，系统自动预留资金。"),
        _("都议完了，补上讨论要点，按“结束会议”；主持人和记录人在纪要上签字。"),
        page="sessions", link=_("去评审会"),
    ),
    _job(
        "pay", _("发放"), {R.CASHIER},
        _("“发放”里选要付的，做一个批次，下载给银行的文件；现金的打印发放表。"),
        _("有暂缓支付的不能付，页面上会说为什么、等谁。"),
        _("付了以后，出纳和领款人都签字，这一件才往下走；名单发放的，在凭证页拍下签好的签收表，一次签完。"),
        page="disbursements", link=_("去发放"),
    ),
    _job(
        "book", _("登记银行结果、记账"), {R.ACCOUNTANT},
        _("照银行回单，逐笔登记付成功还是退回；退回的自动回到待付，改了账户可以再付。"),
        _("付错了不能删，用红字冲销。凭证号按基金和月份连着编。"),
        page="batches", link=_("去批次"),
    ),
    _job(
        "fund", _("收款、专款"), {R.ACCOUNTANT, R.CASHIER},
        _("“资金”里选基金，登记收款：哪天、谁给的、多少；指定用途的记成专款，只能用在那里。"),
        page="funds", link=_("去资金"),
    ),
    _job(
        "campaign", _("名单发放"), {R.OFFICE_OFFICER, R.OFFICE_HEAD},
        _("慰问这样一次批、发给许多家的，走“名单发放”：选项目和期次，看名单，不该有的去掉，再开名单。"),
        page="campaigns", link=_("去名单发放"),
    ),
    _job(
        "follow", _("回访和办结"), FILING,
        _("发放以后按办法去看看，写现在怎么样、还需要什么；再写办结报告，给归档号。"),
        page="cases", link=_("看办件"),
    ),
    _job(
        "audit", _("从一个数查到底"), {R.AUDITOR},
        _("从任何一笔付款点进去：凭证、签收、决议、公示、入户调查，一步一步都有谁、什么时候、凭什么。"),
        _("“留痕”是全部记录，一条接一条，改一个字都查得出来。"),
        page="record", link=_("去留痕"),
    ),
    _job(
        "supervise", _("监督"), {R.SUPERVISOR},
        _("看公示的内容、异议和答复，看评审会的议程、到会和结果，看留痕。只看，不办。"),
        page="notices", link=_("去公示"),
    ),
    _job(
        "rules", _("看办法"), STAFF,
        _("“办法与参数”里有施行中的办法全文、每个标准从哪天起、依据是什么，标着“示范值”的出处没有写。"),
        page="policies", link=_("去办法"),
    ),
    _job(
        "drafts", _("调标、改办法"), {R.POLICY_ADMIN},
        _("标准变了，在“办法与参数”里按“调标”，写新的数、从哪天起、依据哪个文件，存成草案。"),
        _("草案先测算、再报给另一个人批准；起草的人不能批准自己的草案。以前的件仍照它受理时的办法。"),
        page="policy-drafts", link=_("去草案"),
    ),
    _job(
        "adopt", _("批准办法草案"), {R.OFFICE_HEAD},
        _("看改了哪些数、对谁有影响，再批准或退回；也可以排进评审会，按决议批准。批准以后到了施行日自动生效。"),
        page="policy-drafts", link=_("去草案"),
    ),
    _job(
        "units", _("单位和日历"), {R.SYSTEM_ADMIN},
        _("“单位”里增加部门；“工作日历”里记下放假和调休，公示和期限按它算工作日。"),
        page="units", link=_("去单位"),
    ),
    _job(
        "posts", _("授岗位、重置密码"), {R.SECURITY_ADMIN},
        _("“岗位授权”里给账号授岗位，写从哪天起；人走了按“结束岗位”。"),
        _("不能由一个人担任的岗位，系统会拒绝。重置的密码当面告诉本人，第一次登录要改。"),
        page="posts", link=_("去岗位授权"),
    ),
    _job(
        "record", _("查记录"), {R.AUDIT_ADMIN},
        _("“留痕”里看谁在什么时候做了什么，包括登录、查看隐去的内容和被拒绝的操作。"),
        page="record", link=_("去留痕"),
    ),
)  # fmt: skip

#: For the worker: short, big and warm. Nothing here but what she does herself.
OWN: tuple[Job, ...] = (
    _job(
        "apply", _("有难处，怎么申请"), {R.WORKER},
        _("按“现在申请”，一页问一件事，大约 8 分钟。"),
        _("中间可以停下，下次接着填，答案给您留 30 天。"),
        _("材料以后再补也行。不会填，就打电话，请工会替您填。"),
        page="my", link=_("去我的首页"),
    ),
    _job(
        "progress", _("办到哪一步了"), {R.WORKER},
        _("首页第一句话就是现在的情况。按“看进度”，能看到下一步是什么、大约哪天。"),
        page="my", link=_("看进度"),
    ),
    _job(
        "papers", _("还差材料"), {R.WORKER},
        _("进度页会说差哪一份。按“现在拍材料”，用手机拍清楚就行。"),
    ),
    _job(
        "sign", _("钱到了，怎么签收"), {R.WORKER},
        _("先看金额对不对，再用手指签名。不对就先别签，打电话问。"),
    ),
    _job(
        "no", _("没有批，怎么办"), {R.WORKER},
        _("答复里写着依据哪一条、差在哪里、找谁问。"),
        _("您可以再请评审会看一次，说说您的理由。"),
    ),
    _job(
        "name", _("别人会看到什么"), {R.WORKER},
        _("公示以前会问您同不同意写名字，并给您看别人会看到的那一行。"),
        _("不同意也能申请，只写编号和金额。同意了，以后也能改。"),
        page="my-consents", link=_("我同意过什么"),
    ),
    _job(
        "who-saw", _("谁看过我的资料"), {R.WORKER},
        _("谁在什么时候、为什么看了您的证件号、卡号，都记着，您随时能查。"),
        page="my-who-saw", link=_("谁看过我的资料"),
    ),
    _job(
        "letters", _("字太小"), {R.WORKER},
        _("每页右上角有“大字”，按一下，字和按钮都变大；再按一下变回来。"),
    ),
)  # fmt: skip

#: For whoever has not signed in.
OPEN: tuple[Job, ...] = (
    _job(
        "sign-in", _("怎么登录"), set(),
        _("账号和第一次的密码由单位的安全管理员给您。登录后先改成只有自己知道的密码。"),
        _("忘了密码，找安全管理员重置；不知道找谁，打工会电话。"),
        page="sign-in", link=_("去登录"),
    ),
    _job(
        "object", _("对公示有意见"), set(),
        _("打开公示上的网址或扫上面的码，按“反映意见”，实名、匿名都可以。"),
        _("交了以后会给您一个网址，答复就写在那里，请收好。"),
    ),
    _job(
        "receipt", _("核对一张回执"), set(),
        _("照回执右下角填 12 位验证码，就知道是不是真的、改没改过。"),
        page="check-form", link=_("去核对回执"),
    ),
)  # fmt: skip

#: The words of the pages, in plain sentences.
WORDS: tuple[tuple[Any, Any], ...] = (
    (_("办件"), _("一家人为一件事的一次申请，从提交到归档都在一起。")),
    (_("环节"), _("办件走的一步，例如入户调查、公示、发放。每一步谁办、几天，办法里写着。")),
    (_("档案"), _("一户一档：家里几口人、收入、支出、困难原因，和受过的帮扶。")),
    (_("五清"), _("家庭状况、致困原因、技术特长、就业要求、思想状况，五样都核实清楚。")),
    (_("档次"), _("办法定的困难程度，由规则建议、由人评定。")),
    (_("公示"), _("把拟给谁、给多少告诉同事，听意见。发布当天不算。")),
    (_("异议"), _("对公示的不同意见。答复以前，这笔钱不付。")),
    (_("评审会"), _("委员开会逐件表决，人数够了才算数。")),
    (_("回避"), _("自己的、亲属的、同住人的事，不看、不议、不投票。")),
    (_("预留"), _("批了还没付的钱先留出来，别的件用不了。")),
    (_("暂缓支付"), _("有异议或疑点，钱先不付，等答复。")),
    (_("签收"), _("付款的人和领款的人都签了字。付了和签收了是两回事。")),
    (_("专款"), _("指定了用途的钱，只能用在那里。")),
    (_("另记"), _("上级或别处给的帮扶，单独记，不算本级给的。")),
    (_("测算"), _("把事实放进办法逐条算一遍，说明建议多少、为什么。")),
    (_("留痕"), _("谁在什么时候做了什么，一条接一条记着，改不了。")),
    (_("示范值"), _("办法的出处没有写明，由本产品补上的数或步骤。")),
)


def jobs_of(roles: set[str]) -> list[Job]:
    """What these roles do here, in the order of the work."""
    return [job for job in JOBS if roles & {str(role) for role in job.roles}]
