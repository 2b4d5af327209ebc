# Every task of the project; `make` lists them.

.DEFAULT_GOAL := help
FUZZ_SECONDS ?= 60
RUST_VERSION := $(shell sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
FUZZ_TARGETS ?= policy expression config snapshot recording
MUTANTS_SHARD ?= 0/100
.PHONY: help build lambda demo demo-ja test test-aws check check-rust-version check-deploy check-terraform check-page e2e rehearse record bench fuzz mutants generated golden

help: ## List the tasks
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## Build target/release/tenken
	cargo build --release

lambda: ## Build target/lambda/tenken-lambda.zip for x86_64; prints its size
	cargo build --release --bin tenken-lambda
	deploy/package.py $${CARGO_TARGET_DIR:-target}/release/tenken-lambda target/lambda/tenken-lambda.zip

demo: ## Audit the recorded account of a small shop; needs no credentials
	@cargo run --release --quiet -- scan --replay mocks/ec-site --lang en --fail-on critical || test $$? -le 1

demo-ja: ## The same in Japanese
	@cargo run --release --quiet -- scan --replay mocks/ec-site --lang ja --fail-on critical || test $$? -le 1

test: ## The tests that need no AWS SDK: snapshot, conclusions, policies, reports
	cargo test --no-default-features

test-aws: ## Every test, with recorded accounts in process and over HTTP; compiles the AWS SDK
	cargo test --release

check: ## Format, lints and documentation, without the AWS SDK
	cargo fmt --check
	cargo clippy --no-default-features --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --no-default-features --no-deps --quiet

check-rust-version: ## Build with the oldest Rust that Cargo.toml promises; rustup must have it
	@rustup run $(RUST_VERSION) rustc --version 2>/dev/null || \
	  { echo 'first: rustup toolchain install $(RUST_VERSION) --profile minimal' >&2; exit 1; }
	cargo +$(RUST_VERSION) check --locked --bins --no-default-features
	cargo +$(RUST_VERSION) check --locked --bins

check-deploy: ## The templates of deploy/: cfn-lint (from PyPI, in .venv-deploy), terraform and systemd where installed
	deploy/check.sh

check-terraform: ## The Terraform that `tenken fix` writes, read with a parser and a schema from PyPI, and with HashiCorp's parser from npm (in .venv-terraform)
	cargo build --no-default-features
	mocks/build/check_terraform.sh

check-page: ## The HTML pages in a real browser: Chromium, playwright-core and axe-core (npm, in .node-page)
	cargo build --no-default-features
	mocks/build/check_page.sh

e2e: build ## The real binary against a mock AWS over HTTP (moto, from PyPI, in .venv)
	mocks/build/e2e.sh

rehearse: build ## Run the remedies of the recorded accounts against a mock AWS, with the AWS CLI, and the whole plan of the review's account; about ten minutes
	mocks/build/rehearse.sh
	mocks/build/rehearse_plan.sh

record: build ## Record the accounts in mocks/ again, from moto
	mocks/build/record.sh

bench: ## Benchmarks; each prints ratios
	cargo bench --bench judge
	cargo bench --bench scan
	cargo bench --bench collect

# cargo-fuzz wants a nightly toolchain, or the stable one told to behave like it.
fuzz: ## Fuzz what reads files, a minute each; FUZZ_SECONDS and FUZZ_TARGETS choose otherwise
	for target in $(FUZZ_TARGETS); do \
	  mkdir -p fuzz/corpus/$$target && \
	  RUSTC_BOOTSTRAP=1 cargo fuzz run $$target -s none fuzz/corpus/$$target fuzz/seeds/$$target -- \
	    -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=2048 -timeout=10 -max_len=40000 || exit 1; \
	done

# cargo-mutants changes a copy of the tree; .cargo/mutants.toml says what, and which tests have to notice.
mutants: ## Change conclusions and policies, one in a hundred at a time, and see that a test fails; MUTANTS_SHARD chooses others
	cargo mutants --shard $(MUTANTS_SHARD) --sharding round-robin --baseline run

generated: ## Write the files that come from the code: schemas, field reference, index of policies
	UPDATE_GENERATED=1 cargo test --no-default-features --test offline generated

golden: ## Write the expected outputs again; read the difference before committing it
	UPDATE_GOLDEN=1 cargo test --release --test aws accounts::
	UPDATE_GOLDEN=1 cargo test --no-default-features --test offline -- cost:: diagram:: plan:: reports:: simulate::
