# Everything a developer does. `make demo` and `make test` work on a fresh machine.

CARGO ?= cargo
export CARGO
export CARGO_TERM_COLOR ?= auto

.PHONY: help demo test lint audit fuzz prebuilt proto tools bench clean

help: ## Lists the targets.
	@sed -n 's/^\([a-z]*\):.*## /\1	/p' $(MAKEFILE_LIST) | expand -t 10

demo: ## Builds, resolves and annotates the samples with an embedded suite, and says what to try next.
	@deploy/demo.sh

test: tools lint audit ## Installs what the tests need, then checks and tests everything.
	$(CARGO) build --quiet --bins
	@! docker info >/dev/null 2>&1 || $(MAKE) --no-print-directory prebuilt PROFILE=dev
	$(CARGO) nextest run --workspace --no-fail-fast
	$(CARGO) test --workspace --doc --quiet
	FUZZ_SECONDS=$${FUZZ_SECONDS:-3} integration-tests/fuzz/run.sh

lint: ## Formatting, lints, documentation.
	$(CARGO) fmt --all --check
	$(CARGO) clippy --workspace --all-targets --quiet -- -D warnings
	RUSTDOCFLAGS="-D warnings" $(CARGO) doc --workspace --no-deps --quiet

audit: ## Licences, sources and bans of everything that is built in. Where cargo-deny is missing it says so.
	@if command -v cargo-deny >/dev/null; then $(CARGO) deny --log-level error check licenses bans sources; \
	else echo "*** SKIPPED: cargo-deny is not installed; licences and sources were not checked ***"; fi

fuzz: ## Gives every parser of foreign input strange bytes, FUZZ_SECONDS (20) each.
	@integration-tests/fuzz/run.sh $(TARGETS)

PROFILE ?= release
prebuilt: ## Links the static binary of the image into deploy/prebuilt, with its SBOM.
	@deploy/build-static.sh deploy/prebuilt $(PROFILE)

proto: ## Generates the code of the contract again.
	UPDATE_GENERATED=1 $(CARGO) test --quiet -p proto --test generated_code

tools: ## Installs what the tests need where it is missing.
	@deploy/install-test-tools.sh

bench: ## Prints the speeds.
	$(CARGO) bench -p names -p cache -p matcher
	$(CARGO) bench -p integration-tests --bench resolve

clean: ## Removes what was built.
	$(CARGO) clean
	rm -rf .demo .venv
