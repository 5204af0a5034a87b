"""What we carry from others is what vendor.json says: name, version, licence, sha256; nothing more, nothing changed."""

import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ENTRIES = json.loads((ROOT / "vendor.json").read_text(encoding="utf-8"))
LOCK = json.loads((ROOT / "deploy/vendor/package-lock.json").read_text(encoding="utf-8"))


def test_every_file_has_the_recorded_hash():
    wrong = [e["file"] for e in ENTRIES if hashlib.sha256((ROOT / e["file"]).read_bytes()).hexdigest() != e["sha256"]]
    assert wrong == []


def test_every_vendored_file_is_listed():
    folders = (ROOT / "static/vendor", ROOT / "tests/vendor")
    found = {str(path.relative_to(ROOT)) for folder in folders for path in folder.rglob("*") if path.is_file()}
    assert found - {e["file"] for e in ENTRIES} == set()


def test_every_entry_names_its_package_version_and_licence_as_locked():
    for entry in ENTRIES:
        locked = LOCK["packages"][f"node_modules/{entry['name']}"]
        assert (entry["version"], entry["licence"]) == (locked["version"], locked["license"])


def test_the_lock_has_hashes_and_names_no_registry():
    packages = [package for name, package in LOCK["packages"].items() if name]
    assert all(package["integrity"].startswith("sha512-") and "resolved" not in package for package in packages)


def test_the_vendored_files_load_nothing_from_elsewhere():
    css = (ROOT / "static/vendor/tabler.min.css").read_text(encoding="utf-8")
    assert re.findall(r"url\((?![\"']?(?:data:|#))[^)]*\)|@import", css) == []
    for entry in ENTRIES:
        assert "sourceMappingURL" not in (ROOT / entry["file"]).read_text(encoding="utf-8")[-200:]
