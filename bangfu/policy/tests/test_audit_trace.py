"""The auditor's trace as a file, and the replay that says whether it is bit-equal."""

import json

import pytest
from django.urls import reverse
from jsonschema import Draft202012Validator

from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, department, organisation
from bangfu.audit.models import Event
from bangfu.policy import views
from bangfu.policy.flow import adopt, assess
from bangfu.policy.reading import SCHEMAS
from bangfu.policy.tests.makers import AT, ON, household, kaiyuan_bytes
from bangfu.policy.tests.test_rules_in_force import START

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(clock):
    union = organisation()
    unit = department(union, "ky-1", "设备部")
    version = adopt(kaiyuan_bytes(), unit=union, valid_from=START, by=None, at=AT)
    return assess(version, "process.case:1", household(), on=ON, unit=unit, by=None, at=AT)


def test_the_trace_fits_its_schema_and_holds_every_comparison(client, made):
    client.force_login(account("shen", Role.AUDITOR, made.unit))
    answer = client.get(reverse("assessment-trace", args=[made.pk]))
    found = json.loads(answer.content)
    Draft202012Validator(json.loads((SCHEMAS / "trace.json").read_text(encoding="utf-8"))).validate(found)
    assert "attachment" in answer["Content-Disposition"] and found["version"]["sha256"] == made.version.sha256
    assert found["outcome"] == json.loads(made.result) and any(row["trace"] for row in found["outcome"]["reasons"])


def test_a_replay_says_bit_equal_and_is_recorded(client, made):
    client.force_login(account("shen", Role.AUDITOR, made.unit))
    text = client.post(reverse("assessment-replay", args=[made.pk]), follow=True).content.decode()
    assert "逐字节一致" in text
    assert Event.objects.filter(kind="policy.assessment_replayed").get().body.replace(" ", "").count('"same":true') == 1


def test_a_replay_that_differs_says_so_and_is_recorded(client, made, monkeypatch):
    def differs(_assessment):
        from bangfu.lib.errors import Refused

        raise Refused("x")

    monkeypatch.setattr(views.flow, "replay", differs)
    client.force_login(account("shen", Role.AUDITOR, made.unit))
    text = client.post(reverse("assessment-replay", args=[made.pk]), follow=True).content.decode()
    assert "不一致" in text
    assert Event.objects.filter(kind="policy.assessment_replayed").get().body.replace(" ", "").count('"same":false') == 1


def test_another_unit_finds_neither_door(client, made):
    client.force_login(account("wang", Role.UNIT_CLERK, department(made.version.unit, "ky-2", "营销部")))
    assert client.get(reverse("assessment-trace", args=[made.pk])).status_code == 404
    assert client.post(reverse("assessment-replay", args=[made.pk])).status_code == 404
