import json
import stat
import subprocess
import sys

import pytest

from bangfu.lib.keys import decode_key, load_or_create_keys


def test_the_first_run_makes_a_key_file_that_only_its_owner_reads(tmp_path):
    path = tmp_path / "var" / "keys.json"
    keys = load_or_create_keys(path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(decode_key(keys["data_keys"][keys["current"]])) == 32
    assert len(decode_key(keys["index_key"])) == 32
    assert list(path.parent.iterdir()) == [path]  # no draft is left behind


def test_the_second_run_reads_the_same_keys(tmp_path):
    assert load_or_create_keys(tmp_path / "keys.json") == load_or_create_keys(tmp_path / "keys.json")


def test_processes_that_start_together_get_the_same_keys(tmp_path):
    code = f"from bangfu.lib.keys import load_or_create_keys as k; print(k({str(tmp_path / 'keys.json')!r})['index_key'])"
    runs = [subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) for _ in range(6)]
    assert len({run.communicate()[0] for run in runs}) == 1


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", '{"secret_key":"x"}', '{"secret_key":"x","data_keys":{"k1":"AA=="},"current":"k1","index_key":"AA=="}'],
)
def test_a_damaged_key_file_is_named_and_never_replaced(tmp_path, content):
    path = tmp_path / "keys.json"
    path.write_text(content)
    with pytest.raises(ValueError, match="已损坏.*备份"):
        load_or_create_keys(path)
    assert path.read_text() == content


def test_a_current_id_without_a_key_is_refused(tmp_path):
    path = tmp_path / "keys.json"
    keys = load_or_create_keys(path)
    path.write_text(json.dumps({**keys, "current": "k9"}))
    with pytest.raises(ValueError, match="k|current"):
        load_or_create_keys(path)


def test_the_module_imports_nothing_from_django():
    code = "import sys, bangfu.lib.keys; sys.exit(any(name.startswith('django') for name in sys.modules))"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
