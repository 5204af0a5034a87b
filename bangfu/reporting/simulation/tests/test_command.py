"""`bangfu policy simulate`: the same result as the page's, and refusals in sentences."""

from __future__ import annotations

import json

import pytest
from django.core.management import call_command

from bangfu.policy.reading import folder_bytes
from bangfu.process.tests.makers import AT, PACK
from bangfu.reporting.simulation import flow


def said(capsys, *words: str) -> str:
    call_command("policy_simulate", *words)
    return capsys.readouterr().out


def test_it_says_what_the_page_says(place, capsys):
    draft = place.raised()
    scenario = flow.run(flow.of_draft(draft, by=place.policy, at=AT), at=AT)
    found = json.loads(said(capsys, "--b", f"draft-{draft.pk}", "--on", "2027-01-01", "--json"))
    assert found["sha256"] == scenario.result_sha256 and found["result"]["sides"]["B"]["total"]["more"] == 4
    assert found["sides"]["A"]["sha256"] == place.version.sha256 and found["unit"] == place.world.organisation.code


def test_in_words(place, capsys):
    text = said(capsys, "--a", str(place.version.pk), "--b", f"draft-{place.raised().pk}", "--on", "2027-01-01")
    assert "影响 4 户" in text and "增额 4" in text and "结果指纹" in text


def test_a_folder_and_a_zip_are_rules_too(place, capsys, tmp_path):
    zipped = tmp_path / "pack.zip"
    zipped.write_bytes(folder_bytes(PACK))
    text = said(capsys, "--a", str(zipped), "--b", str(PACK.parent / "national"))
    assert "共 4 户" in text


@pytest.mark.parametrize(
    "words, why",
    [
        (["--b", "99999"], "没有编号"),
        (["--b", "nowhere"], "没有编号、文件夹"),
        (["--b", "1", "--unit", "xx"], "没有代码"),
        (["--b", "1", "--on", "早上"], "要写日期"),
    ],
)
def test_what_cannot_run_says_why(place, capsys, words, why):
    with pytest.raises(SystemExit) as ended:
        call_command("policy_simulate", *words)
    assert ended.value.code == 2 and why in capsys.readouterr().err
