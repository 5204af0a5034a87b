"""帮助: every role finds its own jobs, in words, with links that let it through; strangers and workers in big plain words."""

import re

import pytest
from django.urls import reverse

from bangfu.access.middleware import rule_of
from bangfu.access.roles import Role
from bangfu.access.welcome import ROOMS
from bangfu.portal.guide import JOBS, OPEN, OWN, WORDS, jobs_of
from bangfu.process.tests.makers import AT, another, world

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(db, settings):
    settings.CLOCK = lambda: AT
    return world()


def test_every_link_of_a_job_lets_its_roles_through():
    for job in (*JOBS, *OWN):
        rule = rule_of(job.page) if job.page else None
        if job.page:
            assert rule is not None and reverse(job.page), job.id
            assert all(rule.allows("GET", {str(role)}) for role in job.roles), job.id
    for job in OPEN:
        assert not job.page or rule_of(job.page).allows("GET", None), job.id


def test_ids_are_unique_and_steps_are_sentences():
    ids = [job.id for job in (*JOBS, *OWN, *OPEN)]
    assert len(ids) == len(set(ids))
    for job in (*JOBS, *OWN, *OPEN):
        assert job.steps and all(str(step).endswith(("。", "：")) for step in job.steps), job.id
        assert "特困" not in "".join(map(str, job.steps))


@pytest.mark.parametrize("role", [role for role in Role if role != Role.WORKER])
def test_each_role_reads_its_own_jobs_first(client, place, role):
    client.force_login(another(place, "reader", role))
    text = client.get("/help/").content.decode()
    own = text[text.index('id="jobs"') : text.index('id="others"')]
    for job in jobs_of({str(role)}):
        assert str(job.title) in own, job.id
        if job.page:
            assert f'href="{reverse(job.page)}"' in own, job.id
    for url in re.findall(r'href="(/[^"#]*)"', own):
        assert client.get(url).status_code in (200, 302), url
    if role in ROOMS:
        assert str(ROOMS[role].until) in text
    assert all(str(word) in text for word, _meaning in WORDS)


def test_a_worker_reads_it_in_big_plain_words(client, place):
    client.force_login(place.worker)
    text = client.get("/help/").content.decode()
    assert 'class="bf-pub' in text and all(str(job.title) in text for job in OWN)
    assert place.clerk.name in text and "评审困难程度" not in text


def test_a_stranger_reads_how_to_sign_in_and_whom_to_ask_and_no_name(client, place):
    answer = client.get("/help/")
    text = answer.content.decode()
    assert answer.status_code == 200 and all(str(job.title) in text for job in OPEN)
    assert place.clerk.name not in text and place.head.name not in text


@pytest.mark.parametrize("path", ["/", "/cases/", "/help/", "/me/"])
def test_help_is_one_press_away_on_every_page_of_the_staff(client, place, path):
    client.force_login(place.officer)
    assert 'href="/help/"' in client.get(path).content.decode()


@pytest.mark.parametrize("path", ["/my/", "/my/application/", "/check/", "/sign-in/"])
def test_help_is_on_the_phone_pages_too(client, place, path):
    if path.startswith("/my/"):
        client.force_login(place.worker)
    assert 'href="/help/"' in client.get(path, follow=True).content.decode()
