"""The chart of accounts a new organisation starts with, and what a code's first digit says.

The union's own subjects: S1-10 (困难职工帮扶基金科目). Kinds by first digit as in every Chinese chart: 1 assets, 2 liabilities,
3 net assets, 4 income, 5 expenses.
"""

from django.utils.translation import gettext_lazy as _

BANK = "1002"
CASH = "1001"
OPENING = "3101"

#: The code of a source (lib.codes "fund_source") -> the income subject it is posted to; "0" brings in an opening balance.
OPENING_SOURCE = "0"
INCOME_OF_SOURCE = {OPENING_SOURCE: OPENING} | {str(number): f"410{number}" for number in range(1, 10)}

#: Subjects that every organisation has; the subject of a fund's spending is named when the fund is opened.
SUBJECTS = {
    CASH: _("库存现金"),
    BANK: _("银行存款"),
    OPENING: _("基金期初结余"),
    "4101": _("中央财政专项收入"),
    "4102": _("地方财政配套收入"),
    "4103": _("上级工会拨付收入"),
    "4104": _("本级工会经费转入"),
    "4105": _("单位行政拨款收入"),
    "4106": _("社会捐助收入"),
    "4107": _("职工捐款收入"),
    "4108": _("专户利息收入"),
    "4109": _("其他合法收入"),
}

#: Beancount's root account by the first digit of a code.
ROOTS = {"1": "Assets", "2": "Liabilities", "3": "Equity", "4": "Income", "5": "Expenses"}


def is_money(code: str) -> bool:
    """Does this subject hold the fund's money (cash, bank)?"""
    return code.startswith("1")


def account_of(code: str) -> str:
    """ "Expenses:5101": the account as the plain-text books call it. Source: contracts.md "Money"."""
    return f"{ROOTS[code[0]]}:{code}"
