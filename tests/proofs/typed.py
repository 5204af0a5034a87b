"""Words that people type about a household, in every field that takes them: each is a canary of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bangfu.audit.record import subject_of
from bangfu.demo.casework import signature
from bangfu.disclosure import flow as disclosure
from bangfu.disclosure.models import Notice
from bangfu.household import flow as household
from bangfu.household.models import Discrepancy, Household
from bangfu.household.models.words import Section
from bangfu.household.rows import AssetRow
from bangfu.ledger import flow as ledger
from bangfu.lib.days import today
from bangfu.process import flow as process
from bangfu.process.models import Case

if TYPE_CHECKING:
    from tests.proofs.towns import Town

#: (model.field) -> must hold a typed canary in a whole town; the events' words beside them.
TYPED = {
    "household.Household.clue_note", "household.Household.cause_note", "household.Clear.text", "household.Expense.note",
    "household.Asset.note", "household.OutsideHelp.what", "household.Change.why", "household.StateChange.why",
    "household.GradeChange.why", "household.Discrepancy.reason", "process.Paper.remark", "process.Paper.removed_reason",
    "process.Award.dropped_reason", "ledger.Hold.reason", "ledger.Hold.lifted_why", "ledger.BatchLine.reason", "audit.Words.text",
    "policy.Assessment.facts", "policy.Assessment.result", "disclosure.Notice.taken_down_reason", "process.Step.reason",
}  # fmt: skip


def words(town: Town, where: str) -> str:
    return f"{town.mark}户{where}写着确诊白血病"


def type_everywhere(town: Town, applied: Case, listed: Case) -> None:
    """Through the real functions, on files and cases that the town has; called when it ends."""
    clock, people = town.office.clock, town.people
    clerk, office = people["clerk"], people["officer"]

    def at():
        return clock.later(minutes=1)

    def fresh(number: int) -> Household:
        return Household.objects.get(pk=town.files[number].pk)

    household.add_clue(unit=town.unit, head_name=f"段{town.mark}亥", note=words(town, "线索"), tie="migrant", by=clerk, at=at())
    household.set_causes(
        fresh(6), main="own_illness", secondary=[], note=words(town, "原因"), why=words(town, "更正"), by=clerk, at=at()
    )
    for section in Section:
        household.check_clear(fresh(6), section, words(town, f"五清{section}"), by=clerk, at=at())
    household.set_expenses(
        fresh(6), {"illness": 1_234_500}, as_of=today(clock.at), notes={"illness": words(town, "支出")}, why=words(town, "支出更正"),
        by=clerk, at=at(),
    )  # fmt: skip
    rows = [AssetRow(kind="vehicle", note=words(town, "财产"))]
    household.set_assets(fresh(6), rows, as_of=today(clock.at), why=words(town, "财产更正"), by=clerk, at=at())
    noted = household.note_outside_help(
        fresh(6),
        giver="city",
        giver_name="",
        amount_fen=5_000,
        day=today(clock.at),
        what=words(town, "外部帮扶"),
        by=clerk,
        at=at(),
    )
    household.void_outside_help(noted, why=words(town, "作废"), by=clerk, at=at())
    household.set_grade(fresh(6), "temporary", why=words(town, "定档"), by=office, at=at())
    held = Discrepancy.objects.open().filter(household=town.files[7]).first()
    if held is not None:
        household.accept_discrepancy(held, words(town, "差异"), by=people["chair"], at=at())
    item = applied.papers.first().item  # type: ignore[union-attr]
    process.add_paper(applied.pk, item=item, remark=words(town, "原件"), by=clerk, at=at())
    wrong = process.add_paper(applied.pk, item=item, content=signature(), name="误.png", by=clerk, at=at())
    process.remove_paper(wrong, reason=words(town, "撤材料"), by=clerk, at=at())
    case = town.office.fresh(listed)
    award = case.awards.order_by("position").last()
    process.drop_award(case.pk, version=case.version, award=award, reason=words(town, "去掉"), by=office, at=at())
    origin = subject_of(town.cases["to_sign"].awards.get())
    hold = ledger.place_hold(origin, reason=words(town, "暂停"), unit=town.unit, by=people["auditor"], at=at())
    ledger.lift_hold(hold, why=words(town, "解除"), by=office, at=at())
    notice = Notice.objects.filter(unit__path__startswith=town.root.path, closed_at=None).first()
    if notice is not None and town.place == 1:  # the first town keeps its running notice
        disclosure.take_down(notice, reason=words(town, "撤公示"), by=office, at=at())
