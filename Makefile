# make demo   sets up, builds, and runs the nightly job on a made-up clinic
# make test   sets up, and runs all tests
# The rest: test-long, build, lint, bench, bench-duckdb, bench-relay, bench-api, install, clean. PREFIX says where install puts things.

PREFIX ?= /usr/local
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# The Swift runtime goes into the binary, so that a server needs no Swift to run it.
BUILD := swift build -c release --static-swift-stdlib
RELEASE := .build/release/avicenna
# Tests run the optimised code that is installed; unoptimised they take several times as long. A folder of their own keeps both builds.
TESTS := swift test -c release -Xswiftc -enable-testing --scratch-path .build/tests

# What the build needs, and what the tests use beside it.
PACKAGES := libsqlite3-dev libxlsxwriter-dev libpango1.0-dev libcurl4-openssl-dev libzip-dev zlib1g-dev pkg-config fonts-noto-core \
	fonts-wqy-microhei fonts-symbola tzdata
TEST_PACKAGES := $(PACKAGES) sqlite3 util-linux poppler-utils libreoffice-calc-nogui python3-openpyxl python3-aiosmtpd openssl faketime curl \
	python3-websockets python3-wsproto python3-jwt python3-jsonschema python3-venv chromium nginx-light

# Looks whether the API does what its description says; not packaged by Debian.
SCHEMATHESIS := .build/schemathesis/bin/schemathesis

# Tries the relay as it tries all WebSocket implementations; needs Python 2.7, which Debian no longer packages.
AUTOBAHN := .build/autobahn/bin/wstest

# What runs are compared with.
DUCKDB := .build/duckdb/lib

# What the relay is compared with.
RELAY_BENCH_PACKAGES := nginx-light libnginx-mod-nchan util-linux procps

# What asks the API.
API_BENCH_PACKAGES := wrk sqlite3

.PHONY: demo test test-long build lint benchmarks bench bench-duckdb bench-relay bench-api install clean deps test-deps

demo: build
	rm -rf demo
	$(RELEASE) demo demo/clinic
	$(RELEASE) import demo/clinic --database demo/clinic.db --timezone Asia/Tehran --rejects demo/rejects.csv
	$(RELEASE) run nightly --verbose --as-of 2026-09-30 --database demo/clinic.db --timezone Asia/Tehran --output demo/reports --public-from 2024-10
	$(RELEASE) releases list --database demo/clinic.db
	@echo
	@echo "The reports are in demo/reports. Next, for example:"
	@echo "  $(RELEASE) report clinic-monthly --language fa --database demo/clinic.db --output demo/reports"
	@echo "  $(RELEASE) results trends --level treatment --database demo/clinic.db"

build: deps
	$(BUILD) --product avicenna

test: test-deps $(SCHEMATHESIS) $(AUTOBAHN)
	$(TESTS)

# All of what 'make test' tries a part of.
test-long: test-deps $(SCHEMATHESIS) $(AUTOBAHN)
	LONG_TESTS=1 $(TESTS)

$(SCHEMATHESIS): | test-deps
	python3 -m venv .build/schemathesis && .build/schemathesis/bin/pip install --quiet schemathesis==4.32.5 || \
		echo "schemathesis cannot be installed now; the test that needs it will be skipped"

$(AUTOBAHN): | test-deps
	@for python in python2.7 $${PYENV_ROOT:-$$HOME/.pyenv}/versions/2.7.*/bin/python2.7; do \
		$$python -c '' 2>/dev/null && break; python=; \
	done; \
	if [ -z "$$python" ]; then \
		echo "there is no Python 2.7; the test with the Autobahn suite will be skipped"; \
	else \
		python3 -m venv .build/virtualenv && .build/virtualenv/bin/pip install --quiet virtualenv==20.21.1 && \
		.build/virtualenv/bin/virtualenv --quiet --python "$$python" .build/autobahn && \
		.build/autobahn/bin/pip install --quiet --no-python-version-warning autobahntestsuite==25.10.1 || \
		echo "the Autobahn suite cannot be installed now; the test that needs it will be skipped"; \
	fi

lint:
	swift format lint --strict --recursive Package.swift Sources Tests Benchmarks

benchmarks: build
	$(BUILD) --product wsload
	$(BUILD) --product Benchmarks

bench: benchmarks
	.build/release/Benchmarks

bench-duckdb: benchmarks $(DUCKDB)
	.build/release/Benchmarks duckdb

$(DUCKDB):
	$(call install-packages,python3-venv)
	python3 -m venv .build/duckdb && .build/duckdb/bin/pip install --quiet duckdb==2.0.0

bench-relay: benchmarks
	$(call install-packages,$(RELAY_BENCH_PACKAGES))
	.build/release/Benchmarks relay

bench-api: benchmarks
	$(call install-packages,$(API_BENCH_PACKAGES))
	.build/release/Benchmarks api

install: build
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/avicenna/jobs/imports $(DESTDIR)$(PREFIX)/share/avicenna/reports
	install -s -m 755 $(RELEASE) $(DESTDIR)$(PREFIX)/bin/avicenna
	install -m 644 jobs/*.yaml $(DESTDIR)$(PREFIX)/share/avicenna/jobs
	install -m 644 jobs/imports/*.yaml $(DESTDIR)$(PREFIX)/share/avicenna/jobs/imports
	install -m 644 reports/*.yaml $(DESTDIR)$(PREFIX)/share/avicenna/reports

clean:
	rm -rf .build demo

# Installs the missing ones of $(1), and only those.
define install-packages
@missing=$$(for package in $(1); do dpkg -s $$package >/dev/null 2>&1 || echo $$package; done); \
if [ -n "$$missing" ]; then \
	$(SUDO) apt-get update -q && \
	$(SUDO) env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends $$missing; \
fi
endef

deps:
	$(call install-packages,$(PACKAGES))

test-deps:
	$(call install-packages,$(TEST_PACKAGES))
