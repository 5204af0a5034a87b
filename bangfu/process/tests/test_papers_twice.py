"""The same paper sent twice is one paper; another, or the same after it was taken back, is another."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from bangfu.process import flow
from bangfu.process.models import Paper

pytestmark = pytest.mark.django_db


def png(colour: str) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (20, 10), colour).save(out, "PNG")
    return out.getvalue()


def test_the_same_paper_again_answers_the_first(at_stage, place):
    play = at_stage("investigate")
    item = "visit_record"

    def add(**what):
        return flow.add_paper(play.case.pk, item=item, by=what.pop("by", place.clerk), at=play.now(), **what).pk

    first = add(content=png("white"), name="a.png")
    assert add(content=png("white"), name="b.png") == first
    assert add(content=png("black"), name="a.png") != first
    assert add(content=png("white"), name="a.png", by=place.chair) != first
    seen = add(remark="原件已核对")
    assert add(remark=" 原件已核对 ") == seen and add(remark="沿用旧档案") != seen
    flow.remove_paper(Paper.objects.get(pk=first), reason="交错了", by=place.clerk, at=play.now())
    assert add(content=png("white"), name="a.png") != first
