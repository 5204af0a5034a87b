"""Who saw what: every look behind a mask, on the file and on the roster, every print, every paper that was read; not one's own."""

from __future__ import annotations

from bangfu.household.flow import print_file, reveal
from bangfu.household.queries import who_saw
from bangfu.household.timeline import timeline_of
from bangfu.process import flow


def test_all_of_it_is_told_to_the_worker(at_stage, place, client):
    play = at_stage("investigate")
    file, at = play.household, play.now()
    paper = flow.add_paper(play.case.pk, item="application", content=b"%PDF-1.4\n%%EOF\n", name="a.pdf", by=place.clerk, at=at)
    reveal(file, "identity", reason="verify", by=place.officer, at=at)
    reveal(file.staff, "phone", reason="contact", by=place.clerk, at=at)
    print_file(file, by=place.head, at=at)
    for who in (place.officer, place.worker):
        client.force_login(who)
        assert client.get(f"/files/{paper.file_id}/").status_code == 200
    told = [(row["who"], row["what"]) for row in who_saw(file)]
    assert sorted(told) == sorted(
        [
            (place.officer.name, "证件号码"), (place.clerk.name, "手机号"), (place.head.name, "整份档案"),
            (place.officer.name, paper.title),
        ]
    )  # fmt: skip
    assert sum("查看手机号" in line.text for line in timeline_of(file, "seen").lines) == 1
    client.force_login(place.worker)
    page = client.get("/my/who-saw/").content.decode()
    assert all(who in page and what in page for who, what in told)
    copied = client.get("/my/copy/").json()["who_saw"]
    assert len(copied) == len(told)
