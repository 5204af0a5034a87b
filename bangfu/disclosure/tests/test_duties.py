"""Exhaustively: every role of the product, at the unit, above it and beside it, tries every act on a notice."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied

from bangfu.access.roles import Role
from bangfu.disclosure import flow
from bangfu.disclosure.models import ANSWERERS, INQUIRERS, POSTERS
from bangfu.disclosure.tests import makers
from bangfu.disclosure.tests.makers import AT, draft, objection, post
from bangfu.governance.tests.makers import person

pytestmark = pytest.mark.django_db
AFTER = datetime(2026, 11, 24, 16, 0, tzinfo=UTC)
DURING = AT + timedelta(days=1)
ACTS = {
    "post": (POSTERS, lambda n, o, by: post(n.place, origin="process.case:77", by=by, checked_by=None)),
    "draft": (POSTERS, lambda n, o, by: draft(n.place, origin="process.case:78", by=by)),
    "check": (POSTERS, lambda n, o, by: draft(n.place, origin="process.case:79", checker=by)),
    "register": (POSTERS, lambda n, o, by: objection(n, DURING, text="来访反映的情况", by=by)),
    "see": (INQUIRERS, lambda n, o, by: flow.show_objector(o, reason="verify", by=by, at=DURING)),
    "answer": (ANSWERERS, lambda n, o, by: flow.answer_objection(o, answer="已核实不属实。", upheld=False, by=by, at=DURING)),
    "take down": (POSTERS, lambda n, o, by: flow.take_down(n, reason="改期", by=by, at=DURING)),
}


@pytest.mark.parametrize("where", ["section", "root", "other"])
@pytest.mark.parametrize("role", list(Role))
def test_a_role_does_only_its_own_acts_in_its_own_unit(role, where):
    place = makers.world()
    notice = post(place)
    notice.place = place
    raised = objection(notice, DURING, is_named=True, name="赵某", contact="13800000000")
    unit = place.other_clerk.posts.get().unit if where == "other" else getattr(place, where)
    by = person("tried", "陶安", (role, unit))
    for name, (allowed, act) in ACTS.items():
        if role in allowed and where != "other":
            act(notice, raised, by)
            continue
        with pytest.raises(PermissionDenied):
            act(notice, raised, by)
            pytest.fail(f"{role} at {where} could {name}")
