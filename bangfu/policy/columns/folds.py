"""One figure over the rows of a household's list: as text for any SQL engine, or over the stored order, where nothing is hashed.

A snapshot holds the rows of a list in the order of its households and tells how many each has (`sizes.parquet`). So a sum over
them is a difference of two running sums: half the time of GROUP BY and none of the join that follows it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha1
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

Kind = Literal["count", "sum", "whole_sum", "any", "all", "min", "max"]


@dataclass(frozen=True)
class Fold:
    """`value` and `where` are expressions over one row. `whole_sum` is NULL as soon as one row's value is."""

    kind: Kind
    value: str = ""  # of count: rows whose value is NULL do not count; "" = every row
    where: str = ""  # of count, min, max: rows that count; "" = every row
    default: str = ""  # for a household without such rows; "" = NULL
    is_wide: bool = False  # a sum that may pass 64 bits

    @property
    def text(self) -> str:
        """The aggregate in SQL, over the rows of one household."""
        only = f" FILTER (WHERE {self.where})" if self.where else ""
        wide = "HUGEINT" if self.is_wide else "BIGINT"
        match self.kind:
            case "count":
                return f"count({self.value or '*'}){only}"
            case "sum":
                return f"CAST(sum({self.value}) AS {wide})"
            case "whole_sum":
                return f"CASE WHEN count(*) <> count({self.value}) THEN NULL ELSE CAST(sum({self.value}) AS {wide}) END"
            case "any" | "all":
                return f"bool_{'or' if self.kind == 'any' else 'and'}({self.value})"
        return f"{self.kind}({self.value}){only}"

    def named(self, table: str) -> str:
        """The column's name: made from the text, so that equal figures of two versions fall together."""
        return "a" + sha1(f"{table}|{self.text}".encode()).hexdigest()[:12]

    @property
    def sql_type(self) -> str:
        return "BOOLEAN" if self.kind in ("any", "all") else "HUGEINT" if self.is_wide else "BIGINT"

    @property
    def of_row(self) -> str:
        """What one row adds, in SQL; "" = nothing has to be read, the number of rows is the answer."""
        match self.kind:
            case "count":
                there = f"({self.value}) IS NOT NULL" if self.value else ""
                both = " AND ".join(f"({part})" for part in (self.where, there) if part)
                return f"CAST({both} AS TINYINT)" if both else ""
            case "any" | "all":
                return f"CAST({self.value} AS TINYINT)"
        shown = f"CASE WHEN {self.where} THEN {self.value} END" if self.where else self.value
        return f"CAST({shown} AS BIGINT)"


def in_order(folds: Mapping[str, Fold], rows: pa.Table, sizes: np.ndarray) -> dict[str, pa.Array]:
    """The figures of every household. `rows`: columns `of_row` in stored order; `sizes`: rows a household, in its order."""
    edges = _edges(sizes)
    if rows.num_columns and rows.num_rows != edges[-1]:
        raise ValueError("sizes and rows differ")
    return {name: _folded(fold, rows, name, sizes, edges) for name, fold in folds.items()}


def _folded(fold: Fold, rows: pa.Table, name: str, sizes: np.ndarray, edges: np.ndarray) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    if not fold.of_row:
        return pa.array(sizes.astype(np.int64))
    values, there = _numpy(rows.column(name))
    match fold.kind:
        case "count":
            return pa.array(_sums(values, edges, np.int32).astype(np.int64))
        case "any":
            return pa.array(_sums(values, edges, np.int32) > 0)
        case "all":  # NULL is passed over, as in SQL
            against = values == 0 if there is None else (values == 0) & there
            return pa.array(_sums(against, edges, np.int32) == 0)
        case "sum":
            return pa.array(_sums(values, edges, np.int64))
        case "whole_sum":
            lacking = sizes == 0 if there is None else (sizes == 0) | (_sums(~there, edges, np.int32) > 0)
            return pa.array(_sums(values, edges, np.int64), mask=lacking)
    return _farthest(fold.kind, values, there, sizes, edges, fold.default)


def _farthest(
    kind: str, values: np.ndarray, there: np.ndarray | None, sizes: np.ndarray, edges: np.ndarray, default: str
) -> pa.Array:
    import numpy as np
    import pyarrow as pa

    far = np.iinfo(np.int64).max if kind == "min" else np.iinfo(np.int64).min
    if there is not None:
        values = np.where(there, values, far)
    answer = np.full(len(sizes), far, dtype=np.int64)
    if len(values):
        answer[sizes > 0] = (np.minimum if kind == "min" else np.maximum).reduceat(values, edges[:-1][sizes > 0])
    none = (sizes if there is None else _sums(there, edges, np.int32)) == 0
    if default:
        answer[none] = int(default)
    return pa.array(answer, mask=None if default else none)


def _edges(sizes: np.ndarray) -> np.ndarray:
    import numpy as np

    edges = np.zeros(len(sizes) + 1, dtype=np.int64)
    np.cumsum(sizes, out=edges[1:])
    return edges


def _sums(values: np.ndarray, edges: np.ndarray, type_: Any) -> np.ndarray:
    """The sum between each two edges. A running sum that turns round at 64 bits still has the right difference."""
    import numpy as np

    running = np.zeros(len(values) + 1, dtype=type_)
    np.cumsum(values, dtype=type_, out=running[1:])
    return np.diff(running[edges])


def _numpy(column: pa.ChunkedArray) -> tuple[np.ndarray, np.ndarray | None]:
    """Values with 0 for NULL, and which are there (None = all)."""
    import pyarrow.compute as pc

    whole = column.combine_chunks()
    if not whole.null_count:
        return whole.to_numpy(), None
    return pc.fill_null(whole, 0).to_numpy(), pc.is_valid(whole).to_numpy(zero_copy_only=False)


def sizes_of(keys: pa.ChunkedArray, row_keys: pa.ChunkedArray) -> np.ndarray | None:
    """How many of a list's rows each household has; None if the rows do not lie in the order of the households."""
    import numpy as np

    households, rows = keys.to_numpy(), row_keys.to_numpy()
    if len(households) > 1 and not (np.diff(households) > 0).all():
        return None
    places = np.searchsorted(households, rows)
    if len(rows) and ((np.diff(places) < 0).any() or places[-1] >= len(households) or (households[places] != rows).any()):
        return None
    return np.bincount(places, minlength=len(households)).astype(np.int32)
