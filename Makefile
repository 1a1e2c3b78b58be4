VENV := .venv
PY := $(VENV)/bin/python
export PYTHON

.PHONY: run test check bench faults format clean lock vulnerabilities font screenshots run-packages dev-packages chromium
.NOTPARALLEL:

run: run-packages
	$(PY) -m bot run

# The tests run in the order of a seed, always the same one; another: make test SEED=7
SEED ?= 1
test: dev-packages chromium
	PYTHONDONTWRITEBYTECODE= $(PY) -m pytest -n auto --dist worksteal --randomly-seed=$(SEED)

check: dev-packages
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	$(PY) $(VENV)/bin/lint-imports
	$(PY) -m handlers.texts
	$(PY) -m bot.platforms.slack.manifest --check
	$(PY) -m scripts.dependencies check
	$(VENV)/bin/oxlint --deny-warnings bot

format: dev-packages
	$(PY) -m ruff format .
	$(PY) -m ruff check --fix .

# Every figure of docs/performance.md, with the machine's.
bench: dev-packages
	$(PY) -m bench

# Every fault of docs/faults.md, and its table; make faults ONLY=tests/faults/test_seal_kills.py plays some
ONLY ?=
faults: dev-packages
	$(PY) -m tests.faults.campaign $(ONLY)

# The pictures of the README, from the running product.
screenshots: dev-packages chromium
	$(PY) -m docs.screenshots.take

# The font of the charts, from Debian's fonts-noto-cjk.
font: run-packages
	$(PY) -m docs.fonts.subset

run-packages:
	@sh scripts/venv.sh requirements.lock

dev-packages:
	@sh scripts/venv.sh requirements-dev.lock

# Debian's, where it may be installed, with what playwright's Node needs; the tests that need a
# browser say how to get one elsewhere.
chromium: dev-packages
	@$(PY) -m tests.chromium >/dev/null || sh scripts/debian.sh chromium-headless-shell libatomic1 \
		|| sh scripts/debian.sh chromium libatomic1 || true

# uv writes the locks with hashes and without naming an index; the licences and the bill of
# materials follow from them.
lock:
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header pyproject.toml -o requirements.lock
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --extra dev pyproject.toml -o requirements-dev.lock
	@sh scripts/venv.sh requirements-dev.lock
	$(PY) -m scripts.dependencies write

# Whether a version of the locks has a known vulnerability, from a copy of the OSV database.
vulnerabilities: dev-packages
	$(PY) -m scripts.dependencies vulnerabilities $(DUMP) requirements.lock requirements-dev.lock

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
