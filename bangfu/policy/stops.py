"""A rule that cannot be worked out stops the whole answer and names its clause; nothing is assumed."""

from __future__ import annotations

from django.utils.translation import gettext as _

from bangfu.lib.errors import Refused


class RuleStopped(Refused):
    """A rule that cannot be worked out (a divisor of 0, a row that a table lacks); names the clause. Nothing is assumed."""

    def __init__(self, sentence: str, clause: str = "") -> None:
        super().__init__(sentence)
        self.clause = clause

    def under(self, clause: str) -> RuleStopped:
        """The same stop with the clause that it happened under, unless it names one already."""
        if self.clause:
            return self
        return RuleStopped(_("第%(clause)s条算不下去：%(why)s") % {"clause": clause, "why": self}, clause)


class naming:
    """A rule that stops inside `with naming(clause)` names the clause it stands under."""

    def __init__(self, clause: str) -> None:
        self.clause = clause

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, wrong: BaseException | None, _trace: object) -> None:
        if isinstance(wrong, RuleStopped) and not wrong.clause:
            raise wrong.under(self.clause) from wrong
