# `make check` is what CI runs: format, lint, types, import contracts, tests. Everything happens in .venv.
BIN := .venv/bin
export OMP_NUM_THREADS := 1

.PHONY: check check-slow format pictures help

help:
	@echo "make check       format, lint, types, import contracts, fast tests"
	@echo "make check-slow  the tests that take minutes (real CIFAR-10 where it is at hand)"
	@echo "make format      put the code into shape"
	@echo "make pictures    draw the README's pictures with the tool itself"

check: .venv/ready
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/pytest -n auto -m "not slow"

check-slow: .venv/ready
	$(BIN)/pytest -n auto -m slow

format: .venv/ready
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

pictures: .venv/ready
	$(BIN)/python assets/make.py

.venv/ready: pyproject.toml constraints.txt
	test -x $(BIN)/python || python3 -m venv .venv
	$(BIN)/pip install --quiet --constraint constraints.txt --editable '.[dev]'
	touch $@
