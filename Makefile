# 帮扶 — two commands are enough: `make run` and `make test`. See README.md.
PY := .venv/bin/python
UV := .venv/bin/uv
PORT ?= 8000
.PHONY: setup run test check proof soak bench demo gallery vendor pins

setup: .venv/.stamp

.venv/.stamp: requirements-dev.txt requirements.txt pyproject.toml
	python3 -m venv .venv
	.venv/bin/pip install -q --disable-pip-version-check uv==0.13.8 || echo "uv is not to be had here; pip does it, more slowly"
	$(UV) pip install -q --python $(PY) --require-hashes -r requirements-dev.txt || .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.txt
	.venv/bin/pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

run: setup
	@PORT=$(PORT) .venv/bin/bangfu serve

demo: setup
	.venv/bin/bangfu demo

check: setup
	.venv/bin/ruff format --check .
	.venv/bin/ruff check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/bangfu makemigrations --check --dry-run
	for pack in policies/*/; do .venv/bin/bangfu policy check $$pack || exit 1; done
	$(PY) -m pytest tests/test_layers.py tests/test_templates.py tests/test_vendor.py -m "not proof"

# Everything on SQLite; tests marked `both` again on PostgreSQL. What is left out is said loudly.
test: setup
	$(PY) -m tests.requirements
	$(PY) -m pytest -n 2 --dist loadfile -m "not proof"
	$(PY) -m tests.postgres $(PY) -m pytest -m "both and not proof"

proof: setup
	$(PY) -m tests.requirements
	$(PY) -m pytest -n 2 --dist loadfile -m "proof"
	$(PY) -m tests.postgres $(PY) -m pytest -m "both and proof"

soak: setup
	BANGFU_SOAK=1 $(PY) -m pytest -m "proof"

# The peers are in the environment only after this. PARTS="rules --households 100000" chooses.
.venv/.bench: requirements-bench.txt .venv/.stamp
	$(UV) pip install -q --python $(PY) --require-hashes -r requirements-bench.txt || .venv/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-bench.txt
	touch $@

bench: setup .venv/.bench
	$(PY) -m bench $(PARTS)

gallery: setup
	$(PY) -m tests.gallery

vendor: setup
	$(PY) deploy/vendor/vendor.py

pins: setup
	$(UV) pip compile pyproject.toml --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements.txt
	$(UV) pip compile pyproject.toml --group dev -c requirements.txt --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements-dev.txt
	$(UV) pip compile pyproject.toml --group bench -c requirements-dev.txt --universal --generate-hashes --no-emit-index-url --no-annotate --no-header -q -o requirements-bench.txt
