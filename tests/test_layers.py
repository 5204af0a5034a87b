"""Foreign keys point down only, as imports do: the linter cannot see a key written as a string."""

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

from django.apps import apps

ROOT = Path(__file__).parents[1]
CONTRACT = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"][0]
#: module -> its height in the house (0 = top)
HEIGHT = {name.strip(): height for height, line in enumerate(CONTRACT["layers"]) for name in line.split("|")}


def test_every_foreign_key_points_down():
    upward = []
    for config in apps.get_app_configs():
        if not config.name.startswith("bangfu."):
            continue
        for model in config.get_models(include_auto_created=True):
            for field in model._meta.get_fields():
                if not (field.is_relation and field.concrete and field.related_model):
                    continue
                target = field.related_model._meta.app_config.name.removeprefix("bangfu.")
                own = config.name.removeprefix("bangfu.")
                if target in HEIGHT and target != own and HEIGHT[target] <= HEIGHT[own]:
                    upward.append(f"{model.__name__}.{field.name} -> {target}")
    assert upward == []


def test_every_module_stands_in_the_house():
    modules = {path.name for path in (ROOT / "bangfu").iterdir() if (path / "__init__.py").exists()}
    assert modules - set(HEIGHT) == set()


def test_no_signals_but_the_one_allowed():
    """post_migrate re-creates triggers; everything else is called by name (building.md "Taste")."""
    users = [
        str(path.relative_to(ROOT))
        for path in (ROOT / "bangfu").rglob("*.py")
        if re.search(r"@receiver|\b(pre|post)_(save|delete|init|migrate)\.connect|m2m_changed", path.read_text())
    ]
    assert users == ["bangfu/audit/apps.py"]


def test_no_file_names_a_registry_or_this_machine():
    hosts = ["pypi" + ".org", "registry." + "npmjs", "files.python" + "hosted"]
    for path in [*ROOT.glob("*.txt"), *ROOT.glob("*.toml"), *ROOT.glob("Makefile"), *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text()
        assert not any(host in text for host in hosts), path


def test_what_the_product_imports_is_among_its_dependencies():
    """A package that only the tests or the bench install is not there on the next machine."""
    with (ROOT / "pyproject.toml").open("rb") as file:
        project = tomllib.load(file)["project"]
    listed = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    declared = {re.split(r"[^\w.-]", one)[0].lower().replace("_", "-") for one in listed}
    owners = packages_distributions()
    found: dict[str, str] = {}
    for path in (ROOT / "bangfu").rglob("*.py"):
        if "tests" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                names = [node.module or ""]
            for name in names:
                found.setdefault(name.split(".")[0], str(path.relative_to(ROOT)))
    own = {*sys.stdlib_module_names, "bangfu", "django_stubs_ext"}  # the last one for the type checker only
    outside = {name: path for name, path in found.items() if name not in own}
    lacking = {
        name: path
        for name, path in outside.items()
        if not {owner.lower().replace("_", "-") for owner in owners.get(name, [name])} & declared
    }
    assert not lacking
    assert {"django", "pyarrow", "numpy"} <= set(outside)
