"""The compared rows as counts and sums: moves, classes, units, sex, identity, income bands, size of the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bangfu.reporting.simulation.comparing import MOVES, Compared

if TYPE_CHECKING:
    import pyarrow as pa

#: By how much a household's year changes, in fen: below each of these; the last is open.
CHANGES = (-500_000, -100_000, 0, 1, 100_001, 500_001)
#: What a household would get in a year, in fen: below each of these; the last is open. The first is nothing at all.
AMOUNTS = (1, 100_001, 300_001, 500_001, 1_000_001)
_COUNTS = ", ".join(
    [
        "count(*) AS households",
        "count(*) FILTER (WHERE was) AS entitled_was",
        "count(*) FILTER (WHERE now) AS entitled_now",
        *(f"count(*) FILTER (WHERE move = '{move}') AS {move}" for move in MOVES),
        "CAST(coalesce(sum(fen_was), 0) AS BIGINT) AS fen_was",
        "CAST(coalesce(sum(fen_now), 0) AS BIGINT) AS fen_now",
    ]
)


def breakdown(compared: Compared, letter: str, who: pa.Table, units: pa.Table) -> dict[str, Any]:
    """Side `letter` beside A. `who`: key, sex, identity; `units`: unit_path, unit (pk of the unit it is shown under)."""
    source = f"compared_{letter}"
    (total,) = compared.rows(
        f"SELECT {_COUNTS}, count(*) FILTER (WHERE leaving_was) AS leaving_was, count(*) FILTER (WHERE leaving_now) AS leaving_now,"
        " count(*) FILTER (WHERE was IS NULL) AS open_was, count(*) FILTER (WHERE now IS NULL) AS open_now,"
        f" count(*) FILTER (WHERE has_unknown_fen) AS unknown_fen FROM {source}"
    )
    found: dict[str, Any] = {"total": total}
    found["classes"] = compared.rows(
        f"SELECT class_was, class_now, count(*) AS households FROM {source} GROUP BY ALL"
        " ORDER BY class_was NULLS LAST, class_now NULLS LAST"
    )
    joined = f"{source} AS c JOIN who USING (key)"
    found["unit"] = compared.rows(
        f"SELECT unit AS code, {_COUNTS} FROM {source} LEFT JOIN units USING (unit_path) GROUP BY ALL ORDER BY code NULLS LAST",
        units=units,
    )
    for name in ("sex", "identity"):
        found[name] = compared.rows(f"SELECT {name} AS code, {_COUNTS} FROM {joined} GROUP BY ALL ORDER BY code", who=who)
    found["band"] = compared.rows(f"SELECT band AS code, {_COUNTS} FROM {source} GROUP BY ALL ORDER BY code NULLS LAST")
    found["identity_band"] = compared.rows(
        "SELECT identity, band, count(*) AS households, count(*) FILTER (WHERE was) AS entitled_was,"
        " count(*) FILTER (WHERE now) AS entitled_now, CAST(coalesce(sum(fen_was) FILTER (WHERE was), 0) AS BIGINT) AS fen_was,"
        f" CAST(coalesce(sum(fen_now) FILTER (WHERE now), 0) AS BIGINT) AS fen_now FROM {joined}"
        " GROUP BY ALL ORDER BY band NULLS LAST, identity",
        who=who,
    )
    for name in ("was", "now"):
        bands = " ".join(f"WHEN fen_{name} < {most} THEN {place}" for place, most in enumerate(AMOUNTS))
        found[f"amounts_{name}"] = compared.rows(
            f"SELECT CASE {bands} ELSE {len(AMOUNTS)} END AS code, count(*) AS households FROM {source} GROUP BY ALL ORDER BY code"
        )
    steps = " ".join(f"WHEN fen_now - fen_was < {most} THEN {place}" for place, most in enumerate(CHANGES))
    found["change"] = compared.rows(
        f"SELECT CASE {steps} ELSE {len(CHANGES)} END AS code, count(*) AS households FROM {source} GROUP BY ALL ORDER BY code"
    )
    found["clauses"] = [row for row in compared.clauses.get(letter, []) if row["gained"] or row["lost"]]
    return found
