# The workshop. `make` alone lists what there is; every target installs what it needs and is missing.
TARGET  := $(or $(CARGO_TARGET_DIR),target)
MODULES := node_modules/.package-lock.json
# The front end's sources; what is built from them stays out of the repository.
SOURCES := $(shell find static -type f -not -path 'static/dist/*' 2>/dev/null)
BUILT   := static/dist/manifest.json

.DEFAULT_GOAL := help
.PHONY: help run test quick check bench deps build-deps assets container clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: build-deps assets ## the demo: the portal, nine applications, four people (PORT=7000)
	cargo build --bin usher --examples
	@exec $(TARGET)/debug/usher demo $(if $(PORT),--port $(PORT))

test: deps assets ## everything: format, lints, both databases, real peers, a real browser
	@exec tests/with-postgres.sh tests/run.sh

quick: deps assets ## the integration tests on SQLite only
	USHER_TEST_DATABASE=sqlite cargo nextest run --test '*'

check: build-deps assets ## format and lints
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings

bench: deps assets ## launches, sign-ins and pages per second, beside the baseline (ACCEPT=1: the new one)
	@exec tests/with-postgres.sh cargo bench --profile fast --bench '*'$(if $(ACCEPT), -- --accept)

deps: $(MODULES) ## install what building, tests and benchmarks need, if missing
	@tests/deps.sh test

build-deps:
	@tests/deps.sh build

assets: $(BUILT) ## build the style sheet and scripts the binary embeds

container: ## an image of the same binary (needs podman or docker)
	$(or $(shell command -v podman),docker) build -t usher -f Containerfile .

clean: ## remove what was built here
	cargo clean
	rm -rf node_modules static/dist

$(MODULES): package-lock.json
	npm ci --prefer-offline --no-audit --no-fund
	@touch $@

$(BUILT): $(SOURCES) $(MODULES)
	npm run --silent build
	@touch $@
