"""The peer: OpenFisca-core, run in a process of its own (AGPL: the product never imports it).

`usual` = its documented idiom: a node of the parameter tree per district, looked up by an array of names.
`tuned` = the same formulas with that one look-up replaced by an array indexed by district number.
Reads the same Parquet files, writes the same answers; prints seconds and the sums to compare as one line of JSON.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from openfisca_core.entities import build_entity
from openfisca_core.parameters import ParameterNode
from openfisca_core.periods import DateUnit, period
from openfisca_core.simulations import Simulation
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

AREAS = [f"5301{n:02d}" for n in range(1, 21)]
CAUSES = ["accident", "disaster", "work_injury"]
NOW = period("2025-06")
CLASSES = ["none", "deep", "relative", "accident", "general"]


def three(a: int, b: int, c: int) -> dict[str, Any]:
    return {"values": {"2020-01-01": {"value": a}, "2023-01-01": {"value": b}, "2025-01-01": {"value": c}}}


PARAMETERS = {
    "dibao": {
        f"a{area}": three(55000 + n * 1000, 62000 + n * 1000, 70000 + n * 1000) for n, area in enumerate(AREAS)
    },
    "low_factor": three(1300, 1400, 1500), "share": three(500, 450, 400), "medical_cap": three(5000000, 6000000, 8000000),
    "schooling_cap": three(800000, 1000000, 1200000), "housing_cap": three(1000000, 1200000, 1500000),
    "homes_most": three(1, 1, 1), "gift": three(100000, 150000, 200000), "living_months": three(2000, 2500, 3000),
    "living_once": three(400000, 500000, 600000), "living_year": three(800000, 900000, 1000000),
    "medical_rate": three(300, 400, 500), "medical_once": three(1000000, 1500000, 2000000),
    "student": three(200000, 250000, 300000), "all": three(3000000, 4000000, 5000000),
}  # fmt: skip


def system(idiom: str) -> TaxBenefitSystem:
    Person = build_entity(key="person", plural="people", label="", is_person=True)
    Household = build_entity(key="household", plural="households", label="", roles=[{"key": "member", "label": ""}])
    tbs = TaxBenefitSystem([Person, Household])
    tbs.parameters = ParameterNode("", data=PARAMETERS)
    tuned = {}

    def add(name: str, entity: Any, type_: type, formula: Any = None) -> None:
        body: dict[str, Any] = {"value_type": type_, "entity": entity, "definition_period": DateUnit.MONTH, "label": name}
        if formula is not None:
            body["formula"] = formula
        tbs.add_variable(type(name, (Variable,), body))

    add("income", Person, int)
    add("is_student", Person, bool)
    for name in ("size", "medical", "schooling", "housing", "homes", "gift_year", "living_year", "paid_all", "area_no"):
        add(name, Household, int)
    for name in ("vehicle", "refuses", "filed", "sudden"):
        add(name, Household, bool)
    add("area", Household, str)

    def dibao(h: Any, p: Any, parameters: Any) -> Any:
        if idiom == "usual":
            return parameters(p).dibao[h("area", p)]
        if "table" not in tuned:
            tuned["table"] = np.array([getattr(parameters(p).dibao, f"a{area}") for area in AREAS], dtype=np.int64)
        return tuned["table"][h("area_no", p)]

    def of(name: str, formula: Any, type_: type = int) -> None:
        add(name, Household, type_, formula)

    def year_income(h: Any, p: Any) -> Any:
        total = np.zeros(h.count, dtype=np.int64)
        for n in range(1, 13):
            total += h.sum(h.members("income", p.offset(-n, "month"))).astype(np.int64)
        return total

    def rigid(h: Any, p: Any, q: Any) -> Any:
        q = q(p)
        return (
            np.minimum(h("medical", p), q.medical_cap)
            + np.minimum(h("schooling", p), q.schooling_cap)
            + np.minimum(h("housing", p), q.housing_cap)
        )

    def wide(name: str, formula: Any) -> None:  # its int is 32 bits: a year's sum times 1,000 needs more
        body = {"value_type": float, "entity": Household, "definition_period": DateUnit.MONTH, "label": name, "formula": formula}
        made = type(name, (Variable,), body)
        tbs.add_variable(made)
        tbs.variables[name].dtype = np.float64

    wide("year_income", year_income)
    wide("rigid", rigid)
    wide("dibao_line", dibao)
    wide("line", lambda h, p: h("dibao_line", p) * h("size", p) * 12)
    wide("net", lambda h, p: h("year_income", p) - h("rigid", p))
    of("is_low", lambda h, p, q: h("year_income", p) * 1000 < h("line", p) * q(p).low_factor, bool)
    of("is_below", lambda h, p: h("net", p) < h("line", p), bool)
    of("is_ill", lambda h, p, q: (h("medical", p) * 1000.0 >= h("year_income", p) * q(p).share) * (h("medical", p) > 0), bool)
    of("homes_fit", lambda h, p, q: h("homes", p) <= q(p).homes_most, bool)
    of("may_enter", lambda h, p: (h("is_low", p) + h("is_below", p) + h("is_ill", p) + h("sudden", p)) * h("homes_fit", p)
       * np.logical_not(h("vehicle", p)) * np.logical_not(h("refuses", p)), bool)  # fmt: skip
    of("grade", lambda h, p: np.select(
        [np.logical_not(h("may_enter", p)), h("is_below", p), h("is_low", p), h("sudden", p)], [0, 1, 2, 3], 4))  # fmt: skip
    wide("all_left", lambda h, p, q: q(p).all - h("paid_all", p))
    of("gift_due", lambda h, p: h("filed", p) * (h("gift_year", p) == 0), bool)
    of("gift_fen", lambda h, p, q: h("gift_due", p) * q(p).gift)
    wide("living_wish", lambda h, p, q: np.floor((h("dibao_line", p) * h("size", p) * q(p).living_months * 2 + 1000) / 2000))
    wide(
        "living_fen",
        lambda h, p, q: (
            ((h("grade", p) == 1) + (h("grade", p) == 2))
            * np.maximum(
                np.minimum(
                    np.minimum(h("living_wish", p), q(p).living_once),
                    np.minimum(q(p).living_year - h("living_year", p), h("all_left", p)),
                ),
                0,
            )
        ),
    )
    wide("medical_wish", lambda h, p, q: np.floor(h("medical", p) * 1.0 * q(p).medical_rate / 1000))
    wide(
        "medical_fen",
        lambda h, p, q: (
            h("may_enter", p)
            * (h("medical", p) > 0)
            * np.maximum(np.minimum(np.minimum(h("medical_wish", p), q(p).medical_once), h("all_left", p)), 0)
        ),
    )
    of("students", lambda h, p: h.sum(h.members("is_student", p)))
    wide("schooling_fen", lambda h, p, q: h("may_enter", p) * (h("students", p) > 0) * np.maximum(
        np.minimum(h("students", p) * q(p).student, h("all_left", p)), 0))  # fmt: skip
    return tbs


def answers(sim: Simulation) -> dict[str, np.ndarray]:
    def get(name: str) -> np.ndarray:
        return sim.calculate(name, NOW)

    q = sim.tax_benefit_system.get_parameters_at_instant("2025-06-01")
    grade, low, below, sudden = get("grade"), get("is_low"), get("is_below"), get("sudden")
    bits = [
        low, below, get("is_ill"), sudden, get("homes_fit"), ~get("vehicle"), ~get("refuses"), below, low, sudden,
        np.ones(len(low), dtype=bool), get("filed"), get("gift_year") == 0, (grade == 1) | (grade == 2),
        get("living_wish") <= q.living_once, get("living_year") + get("living_wish") <= q.living_year,
        get("paid_all") + get("living_wish") <= q.all, get("may_enter") & (get("medical") > 0),
        get("medical_wish") <= q.medical_once, get("paid_all") + get("medical_wish") <= q.all,
        get("may_enter") & (get("students") > 0), get("paid_all") + get("students") * q.student <= q.all,
    ]  # fmt: skip
    met = np.zeros(len(low), dtype=np.int32)
    for place, bit in enumerate(bits):
        met |= bit.astype(np.int32) << place
    return {
        "class": grade.astype(np.int8), "amount_gift": get("gift_fen").astype(np.int64),
        **{f"amount_{name}": get(f"{name}_fen").astype(np.int64) for name in ("living", "medical", "schooling")}, "met_0": met,
    }  # fmt: skip


def load(folder: Path, tbs: TaxBenefitSystem) -> tuple[Simulation, np.ndarray]:
    months = [f"m{n:02d}_fen" for n in range(1, 13)]
    files = pq.read_table(folder / "household.parquet")
    people = pq.read_table(folder / "members.parquet", columns=["key", "school_stage", *months])
    paid = pq.read_table(folder / "payments.parquet", columns=["key", "paid_programme", "paid_fen", "paid_year", "paid_by"])
    keys = files.column("key").to_numpy()
    populations = tbs.instantiate_entities()
    populations["person"].count, populations["household"].count = people.num_rows, files.num_rows
    populations["person"].ids, populations["household"].ids = range(people.num_rows), range(files.num_rows)
    group = populations["household"]
    group.members_entity_id = people.column("key").to_numpy() - keys[0]
    group.members_role = np.repeat(group.entity.flattened_roles[0], people.num_rows)
    sim = Simulation(tbs, populations)

    def coded(table: pa.Table, name: str) -> tuple[np.ndarray, list[str]]:
        column = table.column(name).combine_chunks().dictionary_encode()
        return column.indices.to_numpy(), column.dictionary.to_pylist()

    def put(name: str, values: np.ndarray, when: Any = NOW) -> None:
        sim.set_input(name, when, values)

    for n, month in enumerate(months, 1):
        put("income", people.column(month).to_numpy(), NOW.offset(-n, "month"))
    stages, words = coded(people, "school_stage")
    put("is_student", np.isin(stages, [words.index(one) for one in ("senior", "university") if one in words]))
    for name, column in {"size": "household_size", "medical": "medical_self_paid_fen", "schooling": "schooling_expense_fen",
                         "housing": "housing_expense_fen", "homes": "homes_count"}.items():  # fmt: skip
        put(name, files.column(column).to_numpy())
    put("vehicle", files.column("has_business_vehicle").to_numpy())
    put("refuses", files.column("refuses_check").to_numpy())
    states, words = coded(files, "archive_state")
    put("filed", states == words.index("filed"))
    causes, words = coded(files, "main_cause")
    put("sudden", np.isin(causes, [words.index(one) for one in CAUSES if one in words]))
    areas, words = coded(files, "area_code")
    put("area_no", np.array([AREAS.index(one) for one in words])[areas])
    put("area", np.array([f"a{one}" for one in words])[areas])
    of, fen, year = paid.column("key").to_numpy() - keys[0], paid.column("paid_fen").to_numpy(), paid.column("paid_year").to_numpy()
    programme, words = coded(paid, "paid_programme")
    payer, payers = coded(paid, "paid_by")
    own, this_year = payer == payers.index("own"), year == 2025

    def summed(where: np.ndarray, weights: np.ndarray | None = None) -> np.ndarray:
        chosen = of[where]
        return np.bincount(chosen, None if weights is None else weights[where], files.num_rows).astype(np.int64)

    put("gift_year", summed(own & this_year & (programme == words.index("gift"))))
    put("living_year", summed(own & this_year & (programme == words.index("living")), fen))
    put("paid_all", summed(own & np.isin(programme, [words.index(one) for one in ("living", "medical", "schooling")]), fen))
    return sim, keys


def main(folder: str, idiom: str, out: str) -> None:
    spent = {"load": 0.0, "compute": 0.0, "write": 0.0, "cpu": 0.0}
    sums: dict[str, int] = {}
    tbs = system(idiom)
    for part in sorted(Path(folder).glob("part-*")):
        began, cpu = time.perf_counter(), time.process_time()
        sim, keys = load(part, tbs)
        loaded = time.perf_counter()
        found = answers(sim)
        computed = time.perf_counter()
        pq.write_table(pa.table({"key": keys, **found}), f"{out}-{part.name}.parquet", compression="none")
        spent["load"] += loaded - began
        spent["compute"] += computed - loaded
        spent["write"] += time.perf_counter() - computed
        spent["cpu"] += time.process_time() - cpu
        for place, name in enumerate(CLASSES):
            sums[f"class {name}"] = sums.get(f"class {name}", 0) + int((found["class"] == place).sum())
        for name in ("amount_gift", "amount_living", "amount_medical", "amount_schooling", "met_0"):
            sums[name] = sums.get(name, 0) + int(found[name].astype(np.int64).sum())
    spent["whole"] = spent["load"] + spent["compute"] + spent["write"]
    print(json.dumps({"seconds": spent, "sums": sums}))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:4])
