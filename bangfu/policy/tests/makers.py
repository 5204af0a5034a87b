"""Small packs and households for the tests of the rules."""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from bangfu.policy.loading import load_pack
from bangfu.policy.pack import Pack
from bangfu.policy.reading import folder_bytes, to_zip

ROOT = Path(__file__).resolve().parents[3]
KAIYUAN = ROOT / "policies" / "kaiyuan-2016"
ON = date(2017, 6, 1)
AT = datetime(2017, 6, 1, 2, 0, tzinfo=UTC)

HEAD = "id: small\ntitle: 小办法\nissuer: 某工会\nvalid_from: 2016-01-01\n"


def zipped(files: dict[str, str]) -> bytes:
    """A pack of these files; pack.yaml is supplied when left out."""
    return to_zip({name: text.encode() for name, text in {"pack.yaml": HEAD, **files}.items()})


def ruled(when: str, *, derived: str = "", parameters: str = "") -> bytes:
    """A pack with one class whose only requirement is `when`."""
    classes = (
        "sets:\n  - id: s\n    title: 档次\n    entry: {clause: 一, text: 无, when: true}\n"
        f"    classes:\n      - {{id: poor, title: 困难, clause: 一, requires: {{clause: 二, text: 条件, when: {_quoted(when)}}}}}\n"
    )
    files = {"classes.yaml": classes}
    if derived:
        files["derived.yaml"] = derived
    if parameters:
        files["parameters.yaml"] = parameters
    return zipped(files)


def pack_with(when: str, **parts: str) -> Pack:
    return load_pack(ruled(when, **parts))


@cache
def kaiyuan() -> Pack:
    return load_pack(KAIYUAN)


def kaiyuan_bytes() -> bytes:
    return folder_bytes(KAIYUAN)


def household(**changes: Any) -> dict[str, Any]:
    """All facts known: three people, 700 yuan a head, ill; a child at university."""
    facts: dict[str, Any] = {
        "household_size": 3,
        "annual_income_fen": 2_520_000,
        "medical_self_paid_fen": 300_000,
        "disability_expense_fen": 0,
        "schooling_expense_fen": 0,
        "housing_expense_fen": 0,
        "child_raising_expense_fen": 0,
        "elder_support_expense_fen": 0,
        "work_cost_fen": 0,
        "other_rigid_expense_fen": 0,
        "homes_count": 1,
        "has_business_vehicle": False,
        "refuses_check": False,
        "has_hidden_income": False,
        "main_cause": "illness",
        "archive_state": "filed",
        "grade": "long_term",
        "is_aided_elsewhere": False,
        "payments": [],
        "members": [
            {"relation": "self", "health": "serious", "school_stage": "none"},
            {"relation": "child", "health": "none", "school_stage": "university"},
        ],
        "programme": "temporary_living",
        "asked_fen": 300_000,
    }
    facts.update(changes)
    return {name: value for name, value in facts.items() if value is not None}


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
