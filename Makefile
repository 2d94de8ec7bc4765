# The two commands that matter: `make analyze` and `make test`. The rest is for developers.
# cargo and the Rust toolchain are all that is needed; `make check` installs cargo-deny.

INPUT  ?= input
OUTPUT ?= output
ARGS   ?=

CARGO_DENY_VERSION := 0.20.2
CARGO_FUZZ_VERSION := 0.13.2

# Seconds a fuzz target, and which.
FUZZ_SECONDS ?= 60
FUZZ_TARGETS ?= document sentences money report html pdf docx

# Sizes and options of the archive bench.
ARCHIVE ?= 10000

# The kernels of rten are closures over vector instructions: where the compiler does not inline them, every instruction
# becomes a call, and the network is slower by a third (docs/performance.md).
FAST = RUSTFLAGS="$(RUSTFLAGS) -C llvm-args=-inline-threshold=1000"

.PHONY: help analyze compare test check fmt-check lint doc deny audit bench bench-archive fuzz accuracy install clean \
        rust-bert check-rust-bert

help:
	@echo "make analyze    analyse $(INPUT)/ and write the reports to $(OUTPUT)/"
	@echo "                (INPUT=folder OUTPUT=folder ARGS='--format csv' change what it does)"
	@echo "make compare    compare the statements of $(INPUT)/ with each other, reports to $(OUTPUT)/"
	@echo "make test       run the tests"
	@echo "make check      formatting, lints, tests, docs, licences: what CI runs"
	@echo "make bench      megabytes a second, a stage"
	@echo "make bench-archive  whole runs over archives made for it; ARCHIVE='100 1000 --engine rules' says which"
	@echo "make fuzz       look for input that breaks the program, FUZZ_SECONDS a target"
	@echo "make accuracy   the figures of docs/accuracy.md, where the development data lies in DATA=folder"
	@echo "make rust-bert  build with the rust-bert engine: full precision, a GPU, models of your own"
	@echo "make install    put the program on the PATH"

analyze:
	$(FAST) cargo run --quiet --release --locked -- analyze "$(INPUT)" --output "$(OUTPUT)" $(ARGS)

compare:
	$(FAST) cargo run --quiet --release --locked -- compare "$(INPUT)" --output "$(OUTPUT)" $(ARGS)

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

# Needs the network: it fetches the list of known vulnerabilities.
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
