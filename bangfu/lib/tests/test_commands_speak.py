"""What a command says to people goes through gettext, as on every page (Chinese is the source)."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHINESE = re.compile("[\u4e00-\u9fff]")


def bare_texts(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text())
    wrapped = {
        id(part)
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("_", "ngettext")
        for part in ast.walk(call)
    }
    documents = {
        id(node.body[0].value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and node.body and isinstance(node.body[0], ast.Expr)
    }
    for node in ast.walk(tree):
        said = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if CHINESE.search(said) and id(node) not in wrapped | documents:
            yield f"{path.name}:{node.lineno} {said[:40]}"


def test_commands_say_nothing_outside_gettext():
    files = [*ROOT.glob("*/management/commands/*.py"), ROOT / "audit" / "verify.py", ROOT / "ledger" / "verify.py", ROOT / "cli.py"]
    assert len(files) > 15
    assert [text for file in files for text in bare_texts(file)] == []
