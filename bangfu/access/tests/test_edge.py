"""What a refused act leaves: the sentence, and what was typed where the page does not show its form again."""

from __future__ import annotations

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.urls import resolve

from bangfu.access.edge import attempt
from bangfu.access.roles import Role
from bangfu.access.tests.makers import account, organisation
from bangfu.lib.errors import Refused

pytestmark = pytest.mark.django_db


def refuse(**_said):
    raise Refused("会议已经结束。")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({"reason": "  材料还缺一份 "}, "材料还缺一份"),
        ({"why": "记错了"}, "记错了"),
        ({"reason": "  "}, ""),
        ({"amount": "100"}, ""),
    ],
)
def test_the_typed_reason_can_be_copied(rf, clock, typed, kept):
    request = rf.post("/messages/", typed)
    request.user, request.session = account("li", Role.OFFICE_OFFICER, organisation()), {}
    request.resolver_match = resolve("/messages/")
    request._messages = FallbackStorage(request)
    result, refusal = attempt(request, refuse)
    said = [str(message) for message in get_messages(request)]
    assert result is None and str(refusal) == "会议已经结束。" and len(said) == 1 and said[0].startswith("会议已经结束。")
    assert (f"“{kept}”没有保存" in said[0]) if kept else said[0] == "会议已经结束。"
