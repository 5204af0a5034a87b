"""The rules over a whole registry: the pack compiled to one SQL query over columns, equal to the walker on every row.

Source: contracts.md "Rules" ("walker and SQL agree on every row"); performance.md. No Django model is read here.
"""

from bangfu.policy.columns.compiling import compile_pack
from bangfu.policy.columns.engine import Cancelled, run, run_plan, stream
from bangfu.policy.columns.layout import Snapshot, Writer, tables_of
from bangfu.policy.columns.plan import Plan, ReasonKey
from bangfu.policy.columns.session import Session, Totals

__all__ = [
    "Cancelled",
    "Plan",
    "ReasonKey",
    "Session",
    "Snapshot",
    "Totals",
    "Writer",
    "compile_pack",
    "run",
    "run_plan",
    "stream",
    "tables_of",
]
