"""Changes of the organisation: units, accounts, posts, calendar. One function each; every one leaves an event."""

from __future__ import annotations

from datetime import date, datetime

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from bangfu.access.announce import announce
from bangfu.access.models import Account, Holiday, Post, Unit
from bangfu.access.roles import Role, conflicting
from bangfu.access.scope import has_role, home_unit, posts_of, require_role
from bangfu.lib.days import today
from bangfu.lib.errors import Refused


@transaction.atomic
def add_unit(
    *,
    code: str,
    name: str,
    parent: Unit | None,
    kind: str = Unit.Kind.DEPARTMENT,
    phone: str = "",
    prefix: str = "",
    is_demo: bool = False,
    by: Account | None,
    at: datetime,
) -> Unit:
    """Add a unit under `parent` (None: a new organisation, only by the system itself). Raises Refused on a name taken."""
    if by is not None:
        if parent is None:
            raise Refused(_("新的组织由安装命令建立，不能在页面上建。"))
        require_role(by, Role.SYSTEM_ADMIN, parent)
    taken = Unit.objects.filter(code=code).exists() or Unit.objects.filter(parent=parent, name=name).exists()
    if taken:
        raise Refused(_("“%(name)s”或编码“%(code)s”已经有了。换一个名称或编码。") % {"name": name, "code": code})
    unit = Unit.objects.create(
        code=code, name=name, parent=parent, kind=kind, phone=phone, prefix=prefix, is_demo=is_demo, path="/"
    )
    unit.path = f"{parent.path if parent else '/'}{unit.pk}/"
    unit.save(update_fields=["path"])
    announce("access.unit_added", unit, by=by, at=at, unit=unit, code=code, name=name)
    return unit


@transaction.atomic
def add_account(*, username: str, name: str, phone: str = "", password: str | None, by: Account | None, at: datetime) -> Account:
    """Create an account; without posts it sees nothing. What an administrator chose as password holds for one sign-in only.

    Raises Refused on a taken name or a weak password.
    """
    if Account.objects.filter(username=username).exists():
        raise Refused(_("账号“%(username)s”已经有人用了。换一个账号名。") % {"username": username})
    account = Account(username=username, name=name, phone=phone, must_change_password=by is not None)
    if password is not None and by is not None:
        _require_good(password, account)
    account.set_password(password)
    account.save()
    announce("access.account_added", account, by=by, at=at, unit=home_unit(by) if by else None, username=username)
    return account


def _require_good(password: str, account: Account) -> None:
    """Django's validators, in their own Chinese words. Raises Refused."""
    if not password:
        raise Refused(_("没有写密码。请写一个至少 8 位、不常见的密码。"))
    try:
        validate_password(password, account)
    except ValidationError as error:
        raise Refused("；".join(error.messages)) from error


@transaction.atomic
def appoint(
    account: Account,
    role: Role | str,
    unit: Unit,
    *,
    from_date: date,
    to_date: date | None = None,
    by: Account | None,
    at: datetime,
) -> Post:
    """Give the account a post. Raises Refused where the duty matrix forbids the combination (contracts.md "Roles")."""
    if by is not None:
        require_role(by, Role.SECURITY_ADMIN, unit)
        if by.pk == account.pk:
            raise Refused(_("不能给自己授权。请另一位安全管理员来办。"))
    Account.objects.select_for_update(no_key=True).get(pk=account.pk)  # two appointments at once: the second sees the first
    held = [
        post.role
        for post in Post.objects.filter(account=account, unit__path__startswith=f"/{unit.organisation_id}/")
        if (post.to_date is None or post.to_date > from_date) and (to_date is None or post.from_date < to_date)
    ]
    clashes = conflicting(held, role)
    if clashes:
        raise Refused(
            _("%(name)s已是%(held)s，不能再兼%(role)s（职责分离）。先结束原来的岗位。")
            % {"name": account.name, "held": "、".join(str(clash.label) for clash in clashes), "role": Role(role).label}
        )
    try:
        with transaction.atomic():
            post = Post.objects.create(account=account, role=role, unit=unit, from_date=from_date, to_date=to_date)
    except IntegrityError as error:
        raise Refused(_("%(name)s在%(unit)s已经有这个岗位，不用重复授权。") % {"name": account.name, "unit": unit.name}) from error
    account.__dict__.pop("_posts", None)
    announce("access.post_given", post, by=by, at=at, unit=unit, account=account.username, role=str(role), from_date=str(from_date))
    return post


@transaction.atomic
def end_post(post: Post, *, to_date: date, by: Account, at: datetime) -> Post:
    """End a post on `to_date` (exclusive); the role change acts at once. Raises Refused when it ended already."""
    require_role(by, Role.SECURITY_ADMIN, post.unit)
    post = Post.objects.select_for_update(no_key=True).get(pk=post.pk)
    if post.to_date is not None:
        raise Refused(_("这个岗位已经在 %(day)s 结束。") % {"day": post.to_date})
    if to_date <= post.from_date:
        raise Refused(_("结束日要晚于 %(day)s（任职日）。") % {"day": post.from_date})
    post.to_date = to_date
    post.save(update_fields=["to_date"])
    announce("access.post_ended", post, by=by, at=at, unit=post.unit, account=post.account.username, to_date=str(to_date))
    return post


@transaction.atomic
def set_holiday(unit: Unit, *, day: date, is_working: bool, title: str, by: Account | None, at: datetime) -> Holiday:
    """Write one row of the organisation's calendar; writing the same day again replaces it, the same row again is the first."""
    if by is not None:
        require_role(by, {Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.SYSTEM_ADMIN}, unit)
    Unit.objects.select_for_update(no_key=True).get(pk=unit.pk)  # two at once: the second sees the first
    same = Holiday.objects.filter(unit=unit, day=day, is_working=is_working, title=title).first()
    if same is not None:
        return same
    holiday, _created = Holiday.objects.update_or_create(unit=unit, day=day, defaults={"is_working": is_working, "title": title})
    announce("access.holiday_set", holiday, by=by, at=at, unit=unit, day=str(day), is_working=is_working, title=title)
    return holiday


@transaction.atomic
def remove_holiday(holiday: Holiday, *, by: Account, at: datetime) -> None:
    """Take a row out of the calendar: the day is an ordinary Monday-to-Friday day again. A second time changes nothing."""
    require_role(by, {Role.OFFICE_OFFICER, Role.OFFICE_HEAD, Role.SYSTEM_ADMIN}, holiday.unit)
    if not Holiday.objects.select_for_update(no_key=True).filter(pk=holiday.pk).exists():
        return
    announce("access.holiday_removed", holiday, by=by, at=at, unit=holiday.unit, day=str(holiday.day), title=holiday.title)
    holiday.delete()


@transaction.atomic
def change_password(account: Account, *, old: str, new: str, at: datetime) -> None:
    """The account's own act. Raises Refused when the old password is wrong, or the new one is too weak or the old one."""
    account = Account.objects.select_for_update(no_key=True).get(pk=account.pk)
    if not account.check_password(old):
        raise Refused(_("原密码不对。请重新输入；忘了请找安全管理员重置。"))
    if old == new:
        raise Refused(_("新密码和原密码一样。请换一个别人不知道的。"))
    _require_good(new, account)
    was_first, account.must_change_password = account.must_change_password, False
    account.set_password(new)
    account.save(update_fields=["password", "must_change_password"])
    announce("access.password_changed", account, by=account, at=at, unit=home_unit(account), was_first=was_first)


@transaction.atomic
def reset_password(post: Post, *, new: str, by: Account, at: datetime) -> Account:
    """忘了密码: a new one for whoever holds the post, good for one sign-in; her sessions end. Raises Refused, PermissionDenied.

    The same password again, while it has not been changed, answers the first.
    """
    require_role(by, Role.SECURITY_ADMIN, post.unit)
    account = Account.objects.select_for_update(no_key=True).get(pk=post.account_id)
    if account.pk == by.pk:
        raise Refused(_("自己的密码在“我的账号”里改。"))
    if any(not has_role(by, Role.SECURITY_ADMIN, held.unit) for held in posts_of(account, today(at))):
        raise Refused(_("%(name)s在别的单位还有岗位。请管那个单位的安全管理员来重置。") % {"name": account.name})
    _require_good(new, account)
    if account.must_change_password and account.check_password(new):
        return account
    account.set_password(new)
    account.must_change_password = True
    account.save(update_fields=["password", "must_change_password"])
    announce("access.password_reset", account, by=by, at=at, unit=post.unit, account=account.username)
    return account
