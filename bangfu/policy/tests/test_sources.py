"""Every shipped pack, and every fact of the sources that is a rule: each is named by a worked example that comes out.

Source: shared/spec/sources.md S0-S4; the list is issue 3's.
"""

import re
import time
from collections import defaultdict
from dataclasses import replace
from functools import cache
from types import MappingProxyType

import pytest

from bangfu.policy.examples import check, run_examples
from bangfu.policy.pack import Pack
from bangfu.policy.tests.makers import ROOT

FOLDERS = sorted(path for path in (ROOT / "policies").iterdir() if path.is_dir())
NAMES = [folder.name for folder in FOLDERS]
#: Facts of sources.md that are rules, as issue 3 lists them.
RULES = [
    "S0-8", "S0-11", "S0-14", "S0-15", "S0-16", "S0-17", "S1-1", "S1-2", "S1-3", "S1-12", "S2-5", "S2-8", "S2-10", "S2-12",
    "S3-2", "S3-5", "S3-6", "S3-7", "S4-5", "S4-6", "S4-7", "S4-8", "S4-9", "S4-10",
]  # fmt: skip
#: The pack that holds the rules of a source document.
HOMES: dict[str, tuple[str, ...]] = {
    "S0": ("s404",),
    "S1": ("kaiyuan",),
    "S2": ("xian", "jiaohua"),
    "S3": ("hebi",),
    "S4": ("chewuduan",),
}
NUMBER = re.compile(r"S\d-\d+")


@cache
def pack_of(name: str) -> Pack:
    pack, problems = check(ROOT / "policies" / name)
    assert pack is not None and not problems, [str(problem) for problem in problems]
    return pack


@cache
def named() -> dict[str, list[str]]:
    """Which examples name a fact: "S1-1" -> ["kaiyuan-2016: 2016 年春节慰问 1,000 元", …]."""
    found = defaultdict(list)
    for name in NAMES:
        for example in pack_of(name).examples:
            for number in NUMBER.findall(example.source):
                found[number].append(f"{name}: {example.name}")
    return found


@pytest.mark.parametrize("rule", RULES)
def test_each_rule_of_the_sources_is_named_by_an_example_of_its_organisation(rule):
    homes = HOMES[rule[:2]]
    assert [line for line in named()[rule] if line.startswith(homes)], f"{rule}: no example of {homes} names it"


@pytest.mark.parametrize("name", NAMES)
def test_every_folder_of_policies_is_a_whole_pack(name):
    """Marked as a sample text of our own, with clauses, examples and a source for each figure; examples are of one wording each."""
    pack = pack_of(name)
    assert pack.id == name and pack.is_sample and "示范文本" in pack.regulation.text.splitlines()[0]
    assert pack.regulation.clauses and pack.examples and (pack.programmes or pack.plans)
    assert [one for one, standard in pack.parameters.items() if not standard.source] == []
    assert [one.name for one in pack.examples if not one.source] == []
    names = [one.name for one in pack.examples]
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("name", NAMES)
def test_a_pack_is_checked_within_a_second_of_work(name):
    pack_of(name)  # what is read once a process (schemas, expressions) does not count
    began = time.process_time()
    check(ROOT / "policies" / name)
    assert time.process_time() - began < 1.5


def moved(value, unit):
    """The figure, a little off (a yuan, a day, a thousandth): what an example must notice."""
    match value:
        case bool():
            return not value
        case int():
            return value + (100 if unit == "fen" else 1)
        case tuple():
            return value[1:] or ("nothing",)
        case _:
            return value + "x"


@pytest.mark.proof
@pytest.mark.parametrize("name", NAMES)
def test_every_figure_is_pinned_by_an_example(name):
    """Move each value of each parameter by the smallest step: some example must come out wrong."""
    pack = pack_of(name)
    loose = []
    inherited = {key[1] for key, origin in pack.origins.items() if key[0] == "parameters" and origin.state == "inherited"}
    for parameter, standard in pack.parameters.items():
        if parameter in inherited:
            continue  # the parent's examples pin it
        for place, entry in enumerate(standard.entries):
            rows = entry.value.items() if standard.shape == "table" else [(None, entry.value)]
            for row, value in rows:
                new = (
                    moved(value, standard.unit)
                    if row is None
                    else MappingProxyType({**entry.value, row: moved(value, standard.unit)})
                )
                entries = tuple(replace(one, value=new) if at == place else one for at, one in enumerate(standard.entries))
                parameters = MappingProxyType({**pack.parameters, parameter: replace(standard, entries=entries)})
                if not run_examples(replace(pack, parameters=parameters)):
                    loose.append(f"{parameter} {entry.from_date} {row or ''}".strip())
    assert loose == []
