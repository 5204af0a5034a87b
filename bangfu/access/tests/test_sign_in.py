import pytest
from django.urls import reverse

from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, organisation
from bangfu.audit.models import Event

pytestmark = pytest.mark.django_db


@pytest.fixture
def li():
    return account("li", Role.OFFICE_OFFICER, organisation(), password="kaiyuan-2026", name="李静宜")


def test_a_stranger_lands_on_the_sign_in_page(client):
    response = client.get("/", follow=True)
    assert response.redirect_chain and "登录" in response.content.decode()


def test_signing_in_leaves_an_event(client, li):
    response = client.post(reverse("sign-in"), {"username": "li", "password": "kaiyuan-2026"})
    assert response.status_code == 302
    assert Event.objects.get(kind="access.signed_in").actor == "li"


def test_a_wrong_password_says_so_in_chinese_and_is_recorded(client, li):
    response = client.post(reverse("sign-in"), {"username": "li", "password": "wrong"})
    assert response.status_code == 422 and "账号或密码不对" in response.content.decode()
    assert Event.objects.filter(kind="access.sign_in_failed").exists()


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one(client, li, settings):
    settings.AXES_ENABLED = True
    for _try in range(5):
        response = client.post(reverse("sign-in"), {"username": "li", "password": "wrong"})
    response = client.post(reverse("sign-in"), {"username": "li", "password": "kaiyuan-2026"})
    assert response.status_code == 429 and "锁 15 分钟" in response.content.decode()


def test_half_an_hour_of_silence_signs_out(client, li, clock):
    client.force_login(li)
    assert client.get(reverse("me")).status_code == 200
    clock.move(minutes=29)
    assert client.get(reverse("me")).status_code == 200
    clock.move(minutes=31)
    response = client.get(reverse("me"), follow=True)
    assert "已经退出" in response.content.decode()


def test_a_next_address_on_another_host_is_not_followed(client, li):
    response = client.post(reverse("sign-in"), {"username": "li", "password": "kaiyuan-2026", "next": "https://evil.example/"})
    assert "evil" not in response["Location"]


def test_pages_of_signed_in_people_are_not_cached(client, li):
    client.force_login(li)
    assert "no-store" in client.get(reverse("me"))["Cache-Control"]


def test_the_policy_of_the_browser_is_strict(client):
    header = client.get(reverse("sign-in"))["Content-Security-Policy"]
    assert "unsafe-inline" not in header and "unsafe-eval" not in header and "default-src 'self'" in header


def test_an_unknown_address_is_a_plain_page_with_a_reference(client, li):
    client.force_login(li)
    response = client.get("/no-such-page/")
    assert response.status_code == 404 and "Traceback" not in response.content.decode()
