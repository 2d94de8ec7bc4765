# The two commands that matter: `make analyze` and `make test`. The rest is for developers.
# Rust and its cargo are all that is needed; `make check` installs cargo-deny.

INPUT  ?= input
OUTPUT ?= output
ARGS   ?=

CARGO_DENY_VERSION := 0.20.2
CARGO_FUZZ_VERSION := 0.13.2

# Seconds per fuzz target, and which.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= document sentences money report html pdf docx

# Sizes and options of the archive bench.
ARCHIVE ?= 10000

# The kernels of rten are closures over vector instructions: where the compiler does not inline them, every instruction
# becomes a call, and the model is slower by a third (docs/performance.md).
FAST = RUSTFLAGS="$(RUSTFLAGS) -C llvm-args=-inline-threshold=1000"

.PHONY: help analyze compare test check fmt-check lint doc deny audit bench bench-archive fuzz accuracy install clean \
        rust-bert check-rust-bert

help:
	@echo "make analyze        read the statements in $(INPUT)/ and write reports to $(OUTPUT)/"
	@echo "                    (INPUT=folder OUTPUT=folder ARGS='--format html,csv' change what it does)"
	@echo "make compare        compare the statements in $(INPUT)/ with each other, reports to $(OUTPUT)/"
	@echo "make test           run the tests"
	@echo "make install        put the program on your PATH"
	@echo "make rust-bert      build with the rust-bert engine: full precision, GPU, your own models"
	@echo
	@echo "For developers:"
	@echo "make check          formatting, lints, tests, docs, licences"
	@echo "make bench          throughput of every stage, in megabytes per second"
	@echo "make bench-archive  whole runs over generated archives; ARCHIVE='100 1000 --engine rules' says which"
	@echo "make fuzz           search for input that breaks the program, FUZZ_SECONDS per target"
	@echo "make accuracy       the figures of docs/accuracy.md, from the development data in DATA=folder"

# Builds the program, runs its command $(1), and says where the reports are. $(2) is the file to open first. What this
# says goes to standard error: with OUTPUT=- the report is on standard output.
define run
	@if [ ! -x "$${CARGO_TARGET_DIR:-target}/release/demarche" ]; then \
	    echo "Compiling demarche: only this first time, 5 to 7 minutes on two cores."; \
	    echo "Then it reads the statements in $(INPUT) and writes the reports to $(OUTPUT)."; \
	fi >&2
	@$(FAST) cargo build --release --locked --bin demarche
	@begun=$$(mktemp); \
	$(FAST) cargo run --quiet --release --locked -- $(1) "$(INPUT)" --output "$(OUTPUT)" $(ARGS); \
	code=$$?; \
	for first in $(2); do \
	    if [ "$(OUTPUT)/$$first" -nt "$$begun" ]; then \
	        echo "The reports are in $(OUTPUT). Open $(OUTPUT)/$$first first; docs/analyst.md says how to read it."; \
	        [ $$first != themes.csv ] || echo "For a page to open in a browser: make analyze ARGS='--format html'"; \
	        break; \
	    fi; \
	done >&2; \
	rm -f "$$begun"; \
	exit $$code
endef

analyze:
	$(call run,analyze,report.html analysis.xlsx themes.csv run.json)

compare:
	$(call run,compare,comparison.txt comparison.html comparison.xlsx)

test:
	cargo test --locked

check: fmt-check lint test doc deny

fmt-check:
	cargo fmt --check

lint:
	cargo clippy --locked --all-targets -- -D warnings

doc:
	RUSTDOCFLAGS="-D warnings" cargo doc --locked --no-deps

deny:
	@cargo deny --version 2>/dev/null | grep -qF "$(CARGO_DENY_VERSION)" || cargo install --locked cargo-deny@$(CARGO_DENY_VERSION)
	cargo deny check --hide-inclusion-graph bans licenses sources

# Needs the internet: it fetches the list of known vulnerabilities.
audit: deny
	cargo deny check advisories

bench:
	$(FAST) cargo bench --locked --bench throughput

bench-archive:
	$(FAST) cargo bench --locked --bench archive -- $(ARCHIVE)

# Stable Rust will do: without a sanitizer, since no code of ours is unsafe, cargo-fuzz needs nothing else.
fuzz:
	@cargo fuzz --version 2>/dev/null | grep -qF "$(CARGO_FUZZ_VERSION)" || cargo install --locked cargo-fuzz@$(CARGO_FUZZ_VERSION)
	@for target in $(FUZZ_TARGETS); do \
	    mkdir -p fuzz/work/$$target fuzz/corpus/$$target && \
	    cargo fuzz run --sanitizer none $$target fuzz/work/$$target fuzz/corpus/$$target input -- \
	        -max_total_time=$(FUZZ_SECONDS) -timeout=20 -rss_limit_mb=4096 || exit; \
	done

accuracy:
	tests/accuracy.sh "$(DATA)"

# The program finds libtorch where it was when it was built: it is not to be moved without target/rust-bert.
rust-bert:
	models/rust-bert.sh sh -c '$(FAST) cargo rustc --release --locked --features rust-bert --bin demarche -- -C link-arg=-Wl,-rpath,$$LIBTORCH/lib'
	@echo "built: target/release/demarche, with --engine rust-bert"

# What the engine adds to `make check`.
check-rust-bert:
	models/rust-bert.sh cargo clippy --locked --all-targets --features rust-bert -- -D warnings
	models/rust-bert.sh cargo test --locked --features rust-bert --lib --test parity --test memory --test cli

install:
	$(FAST) cargo install --locked --path .

clean:
	cargo clean
