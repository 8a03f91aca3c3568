# The two targets that matter: `make lint` lints the catalog, `make test` runs
# every test. `make help` lists the rest.

GO ?= go

# The tool's programs are static: the smoke run puts one into containers as it is.
export CGO_ENABLED := 0
# Tests build the tool as releases are built, and what is built for both is one.
export GOFLAGS := $(GOFLAGS) -trimpath

# The programs that tests put into containers: ./... leaves out testdata.
TEST_PROGRAMS = $(addprefix ./,$(dir $(wildcard testdata/*/*/main.go pkg/*/testdata/*/main.go)))

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "%-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

.PHONY: build
build: ## build bin/ogpu-tpl, and the programs that it starts, beside it
	$(GO) build -ldflags='-s -w' -o bin/ ./cmd/...

.PHONY: lint
lint: ## lint the catalog
	@$(GO) run ./cmd/ogpu-tpl lint

.PHONY: programs
programs: ## build the programs of other projects that the tests run
	@testdata/programs.sh

.PHONY: test
test: programs ## run every test, formatting and static checks included; starts a Docker engine if none runs
	@unformatted=$$(gofmt -l cmd pkg testdata *.go); test -z "$$unformatted" || { echo "gofmt: $$unformatted"; exit 1; }
	$(GO) vet ./... $(TEST_PROGRAMS)
	$(GO) tool staticcheck ./... $(TEST_PROGRAMS)
	# Vet has been asked above. The limit is for what hangs, also on a busy machine.
	testdata/docker/engine.sh run $(GO) test -vet=off -timeout 75m ./...
	# What asks an engine is asked of the newest, too.
	testdata/docker/newest.sh run testdata/docker/tests.sh

.PHONY: test-engines
test-engines: ## run the tests that ask a Docker engine with each kind of the newest: vfs, rootless, cgroup v2
	testdata/docker/kinds.sh

.PHONY: generate
generate: ## write what is generated: schemas, policies/README.md, expected outputs of the documents
	$(GO) generate ./...
	$(GO) run ./cmd/ogpu-tpl rules --format markdown > policies/README.md.new
	mv policies/README.md.new policies/README.md

.PHONY: contracts
contracts: ## compile the Solidity files and write the Go bindings; needs node and npm
	$(GO) generate ./pkg/chain/contracts

.PHONY: bench
bench: ## run the benchmarks; see docs/performance.md
	$(GO) test -run '^$$' -bench . -benchmem ./cmd/... ./pkg/...

.PHONY: fuzz
fuzz: ## fuzz each target for a minute
	@for target in $$(grep -rnoE '^func Fuzz[A-Za-z]+' --include='*_test.go' pkg | sed -E 's|/[^/]*:[0-9]+:func |/|'); do \
	  echo "$$target"; $(GO) test ./$${target%/*} -run '^$$' -fuzz "^$${target##*/}$$" -fuzztime 1m -fuzzminimizetime 10x || exit 1; done
