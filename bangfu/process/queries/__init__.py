"""Reads of cases: rows and lists (`cases`), the to-do (`rows`, `todo`), what others do and what comes (`ahead`)."""

from bangfu.process.queries.ahead import Waiting, coming, waiting
from bangfu.process.queries.cases import (
    Filters,
    case_list,
    cases_of,
    open_objections,
    seen,
    similar_amounts,
    stage_counts,
    with_work,
)
from bangfu.process.queries.rows import Row, my_turn
from bangfu.process.queries.todo import Counts, Todo, todo

__all__ = [
    "Counts", "Filters", "Row", "Todo", "Waiting", "case_list", "cases_of", "coming", "my_turn", "open_objections", "seen",
    "similar_amounts", "stage_counts", "todo", "waiting", "with_work",
]  # fmt: skip
