"""`make vendor`: fetch the pinned npm packages, copy the files we carry, write vendor.json and the icon table.

Nothing else in the product needs npm. Run it after changing package.json (then also `npm install --package-lock-only`).
"""

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
ICON_TABLE = "bangfu/lib/icons.json"

FILES = {  # file in the product -> (package, file in the package)
    "static/vendor/tabler.min.css": ("@tabler/core", "dist/css/tabler.min.css"),
    "static/vendor/signature_pad.umd.min.js": ("signature_pad", "dist/signature_pad.umd.min.js"),
    "tests/vendor/axe.min.js": ("axe-core", "axe.min.js"),
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json", ".npmrc"):
            shutil.copy(HERE / name, work / name)
        subprocess.run(["npm", "ci", "--ignore-scripts"], cwd=work, check=True)
        modules = work / "node_modules"
        entries = [copied(modules, target, *source) for target, source in FILES.items()]
        entries.append(icon_table(modules))
        licence_texts(modules)
    text = json.dumps(entries, ensure_ascii=False, indent=2) + "\n"
    (ROOT / "vendor.json").write_text(text, encoding="utf-8")
    print(f"vendor.json lists {len(entries)} files.")  # noqa: T201


def copied(modules: Path, target: str, package: str, source: str) -> dict:
    """Copy one file without its source-map line (the map is not carried) and describe it."""
    text = (modules / package / source).read_text(encoding="utf-8")
    text = re.sub(r"\n?(/\*# sourceMappingURL=.*?\*/|//# sourceMappingURL=.*)\s*$", "\n", text)
    path = ROOT / target
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    return described(modules, target, package)


def icon_table(modules: Path) -> dict:
    """The paths of the icons named in icons.txt, as {name: [path, ...]}; a filled one begins with the word "filled"."""
    nodes = {
        kind: json.loads((modules / f"@tabler/icons/tabler-nodes-{kind}.json").read_text(encoding="utf-8"))
        for kind in ("outline", "filled")
    }
    table = {}
    for line in (HERE / "icons.txt").read_text(encoding="utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        ours, _, theirs = line.partition("=")
        kind, _, name = (theirs or ours).rpartition(":")
        paths = [attributes["d"] for _tag, attributes in nodes[kind or "outline"][name]]
        table[ours] = (["filled"] if kind == "filled" else []) + paths
    rows = ",\n".join(f"{json.dumps(name)}: {json.dumps(paths)}" for name, paths in sorted(table.items()))
    (ROOT / ICON_TABLE).write_text("{\n" + rows + "\n}\n", encoding="utf-8")
    return described(modules, ICON_TABLE, "@tabler/icons")


def licence_texts(modules: Path) -> None:
    """The licence texts that the MIT packages ask to be kept (axe-core names its MPL in its own first lines)."""
    texts = []
    for package in ("@tabler/icons", "signature_pad"):
        texts.append(f"## {package}\n\n" + (modules / package / "LICENSE").read_text(encoding="utf-8").strip())
    texts.append("## @tabler/core\n\nMIT, as above; Copyright 2018-2026 The Tabler Authors, Paweł Kuna (named in the file itself).")
    (HERE / "LICENCES.md").write_text("# Licences of what we carry\n\n" + "\n\n".join(texts) + "\n", encoding="utf-8")


def described(modules: Path, target: str, package: str) -> dict:
    about = json.loads((modules / package / "package.json").read_text(encoding="utf-8"))
    return {
        "file": target,
        "name": package,
        "version": about["version"],
        "licence": about["license"],
        "sha256": hashlib.sha256((ROOT / target).read_bytes()).hexdigest(),
    }


if __name__ == "__main__":
    main()
