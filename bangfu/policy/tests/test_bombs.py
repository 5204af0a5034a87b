"""Files made to exhaust the reader: one sentence naming file and line, at once."""

from __future__ import annotations

import time

import pytest

from bangfu.policy.examples import check
from bangfu.policy.tests.makers import HEAD, zipped

DEPTH = 20_000
BILLION = "a: &a [x, x]\n" + "".join(
    f"{name}: &{name} [*{before}, *{before}]\n" for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
BOMBS = {
    "brackets on one line": ("a: " + "[" * DEPTH + "\n", 1, "太长"),
    "brackets on many lines": ("a:\n" + " [\n" * DEPTH, 25, "层以上"),
    "brackets on a shorter line": ("a: " + "[" * 19_000 + "\n", 1, "层以上"),
    "brackets that are closed": ("a:\n  b: " + "[" * DEPTH + "]" * DEPTH + "\n", 2, "太长"),
    "braces on many lines": ("a:\n" + " {a:\n" * DEPTH, 25, "层以上"),
    "dashes": ("- " * DEPTH + "x\n", 1, "太长"),
    "few dashes": ("- " * 5000 + "x\n", 1, "层以上"),
    "indentation": ("".join(" " * depth + "a:\n" for depth in range(900)), 25, "层以上"),
    "billion laughs": (BILLION, 1, "不能用 & 和 * 引用"),
    "a reference to itself": ("a: &a [*a]\n", 1, "不能用 & 和 * 引用"),
    "merge keys": ("base: &b {x: 1}\ny:\n  <<: *b\n", 1, "不能用 & 和 * 引用"),
    "a huge text": ("title: " + "长" * 300_000 + "\n", 1, "太长"),
    "a huge text on many lines": ("title: |\n" + ("  " + "长" * 60 + "\n") * 5000, 1, "太长"),
    "a huge number": ("title: " + "9" * 19_000 + "\n", 1, ""),
    "a huge key": ("? " + "k" * 19_000 + "\n: 1\n", 1, ""),
    "very many values": ("- a\n" * 240_000, 20_000, "太多"),
    "very many braces": ("[" + "{}," * 6000 + "]\n" + "- {}\n" * 10, 2, ""),
    "a type of Python": ("a: !!python/object/apply:os.system [ls]\n", 1, "不能用 ! 标记类型"),
    "control signs": ("a: \x07\n", 0, ""),
}


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_one_sentence_with_its_line_and_soon(name):
    text, line, words = BOMBS[name]
    began = time.process_time()
    _pack, problems = check(zipped({"parameters.yaml": text}))
    spent = time.process_time() - began
    own = [problem for problem in problems if problem.file == "parameters.yaml"]
    assert own and words in own[0].sentence, problems[:3]
    if words:
        assert len(own) == 1 and own[0].line == line
    assert spent < 3, f"{spent:.1f} s"


def test_a_real_head_passes():
    assert check(zipped({"pack.yaml": HEAD}))[0] is not None


def test_a_pack_yaml_that_is_a_bomb_is_named_too():
    _pack, problems = check(zipped({"pack.yaml": "[" * DEPTH}))
    assert [(problem.file, problem.line) for problem in problems] == [("pack.yaml", 1)]
