from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from bangfu.access import flow
from bangfu.access.models import Account, Post, Unit
from bangfu.access.roles import ADMINS, Role, conflicting
from bangfu.access.scope import accounts_with, has_role, require_role, within
from bangfu.access.tests.makers import AT, account, department, organisation
from bangfu.audit.models import Event
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def kaiyuan():
    return organisation()


def test_a_unit_knows_its_organisation_by_its_path(kaiyuan):
    crew = department(department(kaiyuan, "ky-a", "甲部"), "ky-a-1", "一班")
    assert crew.organisation == kaiyuan
    assert crew.path == f"/{kaiyuan.pk}/{crew.parent_id}/{crew.pk}/"
    assert crew.is_within(kaiyuan) and not kaiyuan.is_within(crew)


def test_a_role_holds_at_its_unit_and_below_not_beside(kaiyuan):
    left, right = department(kaiyuan, "left", "左部"), department(kaiyuan, "right", "右部")
    li = account("li", Role.UNIT_CLERK, left)
    assert has_role(li, Role.UNIT_CLERK, left)
    assert not has_role(li, Role.UNIT_CLERK, right) and not has_role(li, Role.UNIT_CLERK, kaiyuan)
    assert list(within(Unit.objects.all(), li, unit_path="path")) == [left]
    with pytest.raises(PermissionDenied, match="右部的基层工会干事"):
        require_role(li, Role.UNIT_CLERK, right)


def test_nobody_of_one_organisation_sees_a_row_of_another(kaiyuan):
    names = ["四〇四", "西安", "鹤壁", "车务段"]
    others = [organisation(code=f"org{n}", prefix=f"O{n}", name=name) for n, name in enumerate(names)]
    head = account("head", Role.OFFICE_HEAD, kaiyuan)
    for other in others:
        account(f"head-{other.code}", Role.OFFICE_HEAD, other)
    assert set(Unit.objects.visible_to(head)) == {kaiyuan}
    assert set(Account.objects.visible_to(head)) == {head}


def test_a_post_that_has_ended_gives_nothing(kaiyuan):
    li, chief = account("li", Role.UNIT_CLERK, kaiyuan), account("chief", Role.SECURITY_ADMIN, kaiyuan)
    post = li.posts.get()
    flow.end_post(post, to_date=date(2026, 11, 2), by=chief, at=AT)
    fresh = Account.objects.get(pk=li.pk)
    assert not has_role(fresh, Role.UNIT_CLERK, kaiyuan, on=date(2026, 11, 2))
    assert has_role(Account.objects.get(pk=li.pk), Role.UNIT_CLERK, kaiyuan, on=date(2026, 11, 1))
    assert Event.objects.filter(kind="access.post_ended").count() == 1


def test_the_duty_matrix_forbids_two_administrators_and_payer_with_auditor():
    for first in ADMINS:
        for second in ADMINS - {first}:
            assert conflicting([first], second)
    assert conflicting([Role.CASHIER], Role.AUDITOR) and conflicting([Role.AUDITOR], Role.ACCOUNTANT)
    assert conflicting([Role.CASHIER], Role.ACCOUNTANT)
    assert conflicting([Role.SYSTEM_ADMIN], Role.OFFICE_OFFICER)
    assert not conflicting([Role.WORKER], Role.COMMITTEE_MEMBER)
    for first in Role:
        for second in Role:
            assert bool(conflicting([first], second)) == bool(conflicting([second], first)), (first, second)


def test_a_forbidden_combination_is_refused_and_nothing_changes(kaiyuan):
    both = account("both", Role.CASHIER, kaiyuan)
    chief = account("chief", Role.SECURITY_ADMIN, kaiyuan)
    with pytest.raises(Refused, match="职责分离"):
        flow.appoint(both, Role.AUDITOR, kaiyuan, from_date=date(2026, 1, 1), by=chief, at=AT)
    assert Post.objects.filter(account=both).count() == 1


def test_nobody_gives_himself_a_post(kaiyuan):
    chief = account("chief", Role.SECURITY_ADMIN, kaiyuan)
    with pytest.raises(Refused, match="不能给自己授权"):
        flow.appoint(chief, Role.WORKER, kaiyuan, from_date=date(2026, 1, 1), by=chief, at=AT)


@pytest.mark.both
def test_a_post_cannot_end_before_it_begins(kaiyuan):
    li = account("li")
    with pytest.raises(IntegrityError), transaction.atomic():
        Post.objects.create(account=li, unit=kaiyuan, role=Role.WORKER, from_date=date(2026, 1, 2), to_date=date(2026, 1, 2))


def test_the_nearest_unit_gets_the_to_do(kaiyuan):
    left = department(kaiyuan, "left", "左部")
    account("top", Role.UNIT_CLERK, kaiyuan)
    near = account("near", Role.UNIT_CLERK, left)
    assert accounts_with(Role.UNIT_CLERK, left) == [near]


def test_working_days_follow_the_calendar(kaiyuan):
    from bangfu.access.calendar import working_days

    flow.set_holiday(kaiyuan, day=date(2027, 2, 8), is_working=False, title="春节", by=None, at=AT)
    flow.set_holiday(kaiyuan, day=date(2027, 2, 20), is_working=True, title="调休", by=None, at=AT)
    works = working_days(kaiyuan)
    assert not works(date(2027, 2, 8)) and works(date(2027, 2, 20))
    assert works(date(2027, 2, 9)) and not works(date(2027, 2, 9) + timedelta(days=4))
