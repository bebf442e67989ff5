# Two commands do everything: make demo and make test. Both set up what is missing and are quick the second time.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
READY := .venv/.ready
export IBJOURNAL_HYPOTHESIS ?= ci

.DELETE_ON_ERROR:
.PHONY: help demo test test-long coverage check bench mutants translations wheel deb clean python system-run system-test system-deb

help:
	@echo 'make demo          the program on synthetic depots; without a display: every screen to build/tour'
	@echo 'make test          format, lint, types, layers and all tests that are quick'
	@echo 'make test-long     the tests that take minutes: builds, installs and starts the Debian package'
	@echo 'make coverage      runs the quick tests and tells which lines and branches none of them reaches'
	@echo 'make bench         measures the import of 100,000 fills'
	@echo 'make mutants       changes the engine in small ways and tells which changes no test notices'
	@echo 'make translations  brings the catalogue up to date with the sources'
	@echo 'make wheel         dist/*.whl'
	@echo 'make deb           dist/*.deb'
	@echo 'make clean         removes everything that was made here'

demo: system-run $(READY)
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		$(BIN)/python -m ibjournal demo; \
	else \
		echo 'There is no display here: the demo writes every screen to build/tour instead.'; \
		QT_QPA_PLATFORM=offscreen $(BIN)/python -m ibjournal demo --tour build/tour; \
	fi

test: system-test $(READY)
	@$(BIN)/python --version
	$(BIN)/python -m ruff format --check --quiet
	$(BIN)/python -m ruff check --quiet
	$(BIN)/python -m mypy
	$(BIN)/python -m mypy packaging/*.py
	$(BIN)/python -m pytest -q --numprocesses 2 --dist loadfile

test-long: system-deb $(READY) .venv/.bundle
	$(BIN)/python -m pytest -q -m long --numprocesses 2 --dist loadfile

# Of lines and branches together, in percent. Programs that the tests start are measured, too, unless a test kills them.
# Those that may write no file, or have to be quick, can fail under measurement alone: failures are the business of make test.
FLOORS := domain:100 analytics:100 store:100 flex:98 services:96 gui:93

coverage: system-test $(READY)
	@rm -rf build/coverage && mkdir -p build/coverage
	-$(BIN)/python -m coverage run -m pytest -q --numprocesses 2 --dist loadfile
	@$(BIN)/python -m coverage combine --quiet
	@below=; for each in $(FLOORS); do \
		echo "== $${each%:*}: at least $${each#*:} %"; \
		$(BIN)/python -m coverage report --include "ibjournal/$${each%:*}/*" --fail-under $${each#*:} || below="$$below $${each%:*}"; \
	done; [ -z "$$below" ] || { echo "below the floor:$$below" >&2; exit 1; }

bench: system-run $(READY) .venv/.bench
	$(BIN)/python packaging/bench.py

mutants: $(READY) .venv/.mutants
	$(BIN)/python packaging/mutants.py

translations: $(READY)
	$(BIN)/python packaging/build.py translations

wheel: $(READY)
	$(BIN)/python packaging/build.py wheel

deb: system-deb $(READY) .venv/.bundle
	$(BIN)/python packaging/build.py deb

check: system-deb $(READY)
	$(BIN)/python packaging/build.py check

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache resources/translations/*.qm
	find ibjournal tests packaging -name __pycache__ -type d -prune -exec rm -rf {} +

python:
	@[ -n "$(PYTHON)" ] || { echo 'Python 3.11 or newer is needed and was not found. Please install: python3 python3-venv' >&2; exit 1; }

system-run system-test system-deb: system-%: python
	@$(PYTHON) packaging/system.py $*

# Without build isolation: the constraints hold for what builds the package, too.
$(READY): pyproject.toml constraints.txt | python system-run
	@echo 'Setting up .venv …'
	@[ -x $(BIN)/python ] || $(PYTHON) -m venv .venv
	@$(PIP) install --constraint constraints.txt hatchling editables
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[dev]'
	@touch $@

.venv/.bundle: $(READY)
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[dev,bundle]'
	@touch $@

.venv/.bench: $(READY)
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[dev,bench]'
	@touch $@

.venv/.mutants: $(READY)
	@$(PIP) install --constraint constraints.txt --no-build-isolation --editable '.[dev,mutants]'
	@touch $@
