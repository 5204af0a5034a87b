"""Draft to rules in force: raised on one screen, examples pass, a second person adopts, nobody his own."""

from datetime import UTC, date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, organisation
from bangfu.lib.errors import Refused
from bangfu.policy import flow
from bangfu.policy.flow import adopt, drafts
from bangfu.policy.models import Draft, Version
from bangfu.policy.queries import in_force, pack_of
from bangfu.policy.reading import read_files, to_zip
from bangfu.policy.tests.makers import KAIYUAN, kaiyuan_bytes
from bangfu.policy.tests.test_rules_in_force import START

pytestmark = pytest.mark.django_db
AT = datetime(2016, 6, 1, 2, 0, tzinfo=UTC)
RAISED = {"standard": "long_term_fen:0", "value": "1200", "valid_from": "2090-01-01", "document_no": "总工发〔2089〕1号"}


@pytest.fixture
def world(clock, monkeypatch):
    monkeypatch.setattr(drafts, "before_adoption", [])  # simulations: bangfu/reporting/simulation/tests
    union = organisation()
    return {
        "union": union,
        "version": adopt(kaiyuan_bytes(), unit=union, valid_from=START, by=None, at=AT),
        "policy": account("policy", Role.POLICY_ADMIN, union),
        "second": account("policy2", Role.POLICY_ADMIN, union),
        "head": account("head", Role.OFFICE_HEAD, union),
    }


@pytest.fixture
def raised(client, world):
    client.force_login(world["policy"])
    answer = client.post(reverse("policy-adjustment", args=[world["version"].pk]), RAISED)
    assert answer.status_code == 302, answer.content.decode()[:3000]
    return Draft.objects.get()


def act(client, person, name, draft, **data):
    client.force_login(person)
    return client.post(reverse(f"policy-draft-{name}", args=[draft.pk]), data, follow=True)


def test_a_standard_is_raised_adopted_by_a_second_person_and_holds_from_its_day(client, world, raised):
    text = act(client, world["policy"], "submission", raised).content.decode()
    assert "由 ¥1,000.00 调为 ¥1,200.00" in text and "总工发〔2089〕1号" in text and "您自己不能批准" in text
    text = act(client, world["head"], "adoption", raised).content.decode()
    assert "已批准，到日施行" in text
    raised.refresh_from_db()
    assert (raised.state, raised.adopted_by) == ("adopted", world["head"])
    assert [step.kind for step in raised.steps.all()] == ["opened", "submitted", "adopted"]
    assert in_force(world["union"], date(2089, 12, 31)) == world["version"]
    version = in_force(world["union"], date(2090, 1, 1))
    values = [entry.value for entry in pack_of(version).parameters["long_term_fen"].on(date(2090, 1, 1))]
    assert values == [120_000] and pack_of(version).parameters["long_term_fen"].on(date(2089, 1, 1))[0].value == 100_000


def test_nobody_adopts_his_own_draft(client, world, raised):
    act(client, world["policy"], "submission", raised)
    assert act(client, world["policy"], "adoption", raised).status_code == 403
    raised.refresh_from_db()
    assert raised.state == "submitted" and Version.objects.count() == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Draft.objects.filter(pk=raised.pk).update(state="adopted", adopted_by=world["policy"], adopted=world["version"])


def test_a_draft_is_adopted_only_after_it_is_submitted_and_once(client, world, raised):
    assert "这一步办不了" in act(client, world["second"], "adoption", raised).content.decode()
    act(client, world["policy"], "submission", raised)
    act(client, world["second"], "adoption", raised)
    assert "这一步办不了" in act(client, world["head"], "adoption", raised).content.decode()
    assert Version.objects.count() == 2


def test_a_hook_may_hold_it_back(client, world, raised, monkeypatch):
    def no_simulation(_draft, _by):
        raise Refused("还没有测算。")

    monkeypatch.setattr(flow, "before_adoption", [no_simulation])
    monkeypatch.setattr(drafts, "before_adoption", [no_simulation])
    act(client, world["policy"], "submission", raised)
    assert "还没有测算。" in act(client, world["head"], "adoption", raised).content.decode()
    assert Version.objects.count() == 1


def test_it_is_sent_back_with_a_reason_and_withdrawn(client, world, raised):
    act(client, world["policy"], "submission", raised)
    assert "没有写退回的原因" in act(client, world["head"], "return", raised, note=" ").content.decode()
    assert "金额再核一下" in act(client, world["head"], "return", raised, note="金额再核一下").content.decode()
    act(client, world["policy"], "withdrawal", raised)
    raised.refresh_from_db()
    assert raised.state == "withdrawn"


@pytest.mark.parametrize("changed, word", [({"value": "很多"}, "很多"), ({"valid_from": "某天"}, "日"), ({"valid_from": "2016-01-01"}, "已有一个值")])  # fmt: skip
def test_what_cannot_be_read_is_said_in_the_form(client, world, changed, word):
    client.force_login(world["policy"])
    answer = client.post(reverse("policy-adjustment", args=[world["version"].pk]), RAISED | changed)
    assert answer.status_code == 422 and word in answer.content.decode() and not Draft.objects.exists()


def test_examples_that_do_not_pass_stop_the_submission(client, world):
    files = dict(read_files(KAIYUAN).files)
    files["parameters.yaml"] = files["parameters.yaml"].replace(
        "2016-01-01, value: 1000元".encode(), "2016-01-01, value: 1100元".encode()
    )
    draft = drafts.open_draft(to_zip(files), unit=world["union"], valid_from=date(2090, 1, 1), by=world["policy"], at=AT)
    text = act(client, world["policy"], "submission", draft).content.decode()
    assert "不能报请批准" in text and "examples/" in text


def test_a_version_goes_down_as_a_zip_and_up_again(client, world):
    client.force_login(world["policy"])
    content = client.get(reverse("policy-zip", args=[world["version"].pk])).content
    assert content == bytes(world["version"].content)
    up = {"file": SimpleUploadedFile("a.zip", content), "valid_from": "2090-01-01"}
    assert client.post(reverse("policy-drafts"), up).status_code == 302
    assert Draft.objects.get().based_on == world["version"]
    assert client.get(reverse("policy-draft-zip", args=[Draft.objects.get().pk])).content == content


def test_an_upload_with_faults_names_file_and_line(client, world):
    files = {**read_files(KAIYUAN).files, "parameters.yaml": b"x:\n  title: [\n"}
    client.force_login(world["policy"])
    up = {"file": SimpleUploadedFile("a.zip", to_zip(files)), "valid_from": "2090-01-01"}
    answer = client.post(reverse("policy-drafts"), up)
    assert answer.status_code == 422 and "parameters.yaml:" in answer.content.decode() and not Draft.objects.exists()


def test_another_organisation_finds_no_draft_and_a_clerk_no_door(client, world, raised):
    client.force_login(account("stranger", Role.OFFICE_HEAD, organisation("hebi", "HB", "鹤壁公司")))
    assert client.get(reverse("policy-draft", args=[raised.pk])).status_code == 404
    assert act(client, account("o", Role.OFFICE_OFFICER, world["union"]), "adoption", raised).status_code in (403, 404)
