"""Five organisations as columns: every file's facts as a case reads them, and every answer the walker's."""

from __future__ import annotations

import pytest

from bangfu.access.models import Unit
from bangfu.household.models import Household
from bangfu.lib.days import today
from bangfu.policy.columns import compile_pack, run
from bangfu.policy.columns.settling import answers, facts_from
from bangfu.policy.evaluation import evaluate
from bangfu.policy.queries import all_in_force, pack_of
from bangfu.process import snapshot as snapshots
from bangfu.process.facts import facts_of_households
from bangfu.process.tests.test_snapshot import tables
from tests.proofs.towns import NOW, Town

pytestmark = pytest.mark.proof


def test_columns_hold_every_organisation_as_its_cases_read_it(towns: list[Town], settings, tmp_path):
    settings.VAR = tmp_path
    on, seen = today(NOW), 0
    for root in Unit.objects.filter(parent=None):
        made = snapshots.take(root, on=on, at=NOW)
        files = list(Household.objects.filter(unit__path__startswith=root.path).order_by("pk"))
        wanted = dict(zip([file.pk for file in files], facts_of_households(files, on), strict=True))
        assert dict(facts_from(tables(made), made, {})) == wanted
        for version in all_in_force(root, on):
            pack = pack_of(version)
            plan = compile_pack(pack, on, made)
            for row in run(pack, made, on).to_pylist():
                key, _by = row.pop("key"), row.pop("by")
                assert row == answers(plan, evaluate(pack, wanted[key], on))
                seen += 1
    assert seen >= 5
