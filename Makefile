PYTHON ?= python3
VENV := .venv
PY := $(VENV)/bin/python

.PHONY: run test check bench format clean lock screenshots

run: $(VENV)/run.stamp
	$(PY) -m bot run

test: $(VENV)/dev.stamp
	$(PY) -m pytest -n auto --dist worksteal

check: $(VENV)/dev.stamp
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(VENV)/bin/lint-imports
	$(PY) -m handlers.texts
	$(PY) -m bot.platforms.slack.manifest --check

format: $(VENV)/dev.stamp
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

# Every figure of docs/performance.md, with the machine's.
bench: $(VENV)/dev.stamp
	$(PY) -m bench

# The pictures of the README, from the running product.
screenshots: $(VENV)/dev.stamp
	$(PY) -m docs.screenshots.take

$(VENV)/python.stamp:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Genjin needs Python 3.11 or newer")'
	$(PYTHON) -m venv $(VENV)
	touch $@

$(VENV)/run.stamp: requirements.lock $(VENV)/python.stamp
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/python.stamp
	$(PY) -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	touch $@ $(VENV)/run.stamp

# uv writes the locks with hashes and without naming an index.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
