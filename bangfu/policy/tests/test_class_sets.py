"""Several ways to grade side by side, one built on another, with their own reviews."""

import pytest

from bangfu.policy.evaluation import evaluate
from bangfu.policy.examples import check
from bangfu.policy.loading import load_pack
from bangfu.policy.tests.makers import ON, zipped

CLASSES = """
sets:
  - id: local
    title: 本单位档次
    review_months: 12
    classes:
      - {id: tekun, title: 特困, clause: 一, review_months: 6, maps: {national: deep}, requires: {clause: 一, text: 低保户, when: has_dibao}}
      - {id: yiban, title: 一般困难, clause: 一, requires: {clause: 一, text: 失业, when: main_cause = 'unemployment'}}
  - id: national
    title: 全国类别
    entry: {clause: 二, text: 不是农户, when: is_urban}
    classes:
      - {id: deep, title: 深度困难, clause: 二, requires: {clause: 二, text: 本单位特困, when: class_local = 'tekun'}}
      - {id: relative, title: 相对困难, clause: 二, requires: {clause: 二, text: 本单位有档次, when: class_local <> 'none'}}
"""
AID = """
programmes:
  - id: aid
    title: 救助
    clause: 三
    fund: f
    procedure: p
    requires: [{clause: 三, text: 全国深度困难, when: class_national = 'deep' and entry_national}]
    amount: {kind: fixed, clause: 三, text: 定额, value: $sum}
"""
SUM = "sum: {title: 标准, clause: 三, unit: fen, values: [{from: 2016-01-01, value: 100元}]}\n"
FILES = {"classes.yaml": CLASSES, "programmes.yaml": AID, "parameters.yaml": SUM}


@pytest.mark.parametrize(
    ("facts", "classes", "aid", "missing"),
    [
        ({"has_dibao": True, "is_urban": True}, {"local": "tekun", "national": "deep"}, "eligible", ()),
        ({"has_dibao": True, "is_urban": False}, {"local": "tekun", "national": None}, "not_eligible", ()),
        ({"has_dibao": False, "is_urban": True, "main_cause": "unemployment"}, {"local": "yiban", "national": "relative"}, "not_eligible", ()),
        ({"has_dibao": False, "is_urban": True, "main_cause": "theft"}, {"local": None, "national": None}, "not_eligible", ()),
        ({"is_urban": True, "main_cause": "theft"}, {"local": None, "national": None}, "unknown", ("has_dibao",)),
        ({"is_urban": False}, {"local": None, "national": None}, "not_eligible", ()),
    ],
)  # fmt: skip
def test_a_set_may_build_on_another_and_programmes_on_both(facts, classes, aid, missing):
    found = evaluate(load_pack(zipped(FILES)), facts, ON)
    assert found.classes == classes
    assert (found.programme("aid").outcome, found.programme("aid").missing) == (aid, missing)


def test_reviews_and_mapping():
    pack = load_pack(zipped(FILES))
    local = pack.class_set("local")
    assert (local.review_months_of("tekun"), local.review_months_of("yiban")) == (6, 12)
    assert local.get("tekun").maps == {"national": "deep"}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("class_local = 'tekun'", "class_local = 'poor'"), "没有代码“poor”"),
        (("when: has_dibao", "when: class_national = 'deep'"), "没有名称“class_national”"),
        (("{national: deep}", "{national: rich}"), "没有另一套档次“national”的“rich”"),
        (("{national: deep}", "{local: tekun}"), "没有另一套档次“local”"),
        (("review_months: 6", "review_months: 0"), "超出范围"),
    ],
)
def test_faults(change, sentence):
    assert change[0] in CLASSES
    found = [str(problem) for problem in check(zipped({**FILES, "classes.yaml": CLASSES.replace(*change, 1)}))[1]]
    assert any(sentence in line for line in found), found
