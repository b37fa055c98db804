# `make` lists what there is. CI calls only these targets and .ci/run.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
BIN := $(CURDIR)/.bin
export PATH := $(BIN):$(PATH)
export GOFLAGS ?= -buildvcs=false
SERVICES := gateway component-library workflow dataflow storage python-runner
VERSION ?= 0.1.0

.PHONY: help
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

.PHONY: deps
deps: ## Install what is missing from Debian's packages, and say so (arguments: WANT="postgres redis python")
	@tools/scripts/deps.sh $(WANT)

.PHONY: web
web: ## Build the web UI, where it changed
	@tools/scripts/web.sh

.PHONY: build
build: web ## Build the web UI and all programs into .bin
	@for b in aqtra $(SERVICES); do printf 'building %s\n' $$b; go build -o $(BIN)/$$b ./services/$$b/cmd/$$b; done
	@printf 'building aqtra-launcher\n'; CGO_ENABLED=0 go build -o $(BIN)/aqtra-launcher ./services/python-runner/cmd/aqtra-launcher
	@printf 'building aqtractl\n'; CGO_ENABLED=0 go build -o $(BIN)/aqtractl ./services/aqtra/cmd/aqtractl

.PHONY: up
up: ## Build and run everything on this machine, in the foreground
	@WANT="postgres python" $(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory web
	@printf 'building aqtra (the first build takes some minutes)\n'; go build -o $(BIN)/aqtra ./services/aqtra/cmd/aqtra
	@CGO_ENABLED=0 go build -o $(BIN)/aqtra-launcher ./services/python-runner/cmd/aqtra-launcher
	@exec $(BIN)/aqtra

.PHONY: test
test: $(BIN)/helm $(BIN)/versitygw ## Run all tests, with real Postgres and Redis and in a real browser
	@WANT="postgres redis python chromium" $(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory check-web
	@# What did not change since it passed is not run again.
	CI=$${CI:-true} go test -race -vet=all -timeout 15m $$(go list ./... | grep -v /proto/gen/)
	@# These run programs, which go test does not see change.
	cd tools && CI=$${CI:-true} AQTRA_BIN=$(BIN) go test -count=1 -vet=all -timeout 15m $$(go list ./... | grep -v /torture$$)
	@# By itself: it takes all there is, and kills.
	cd tools && CI=$${CI:-true} AQTRA_BIN=$(BIN) go test -count=1 -vet=all -timeout 5m ./torture
	cd frontend && AQTRA_BIN=$(BIN) npm run --silent e2e

.PHONY: check-web
check-web: ## Type-check, lint and test the web UI
	@tools/scripts/web.sh deps
	cd frontend && npm run --silent typecheck && npm run --silent lint && npm run --silent test

.PHONY: test-web
test-web: ## Only the tests of the web UI in a real browser, against an aqtra of its own
	@WANT="postgres python chromium" $(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory build
	cd frontend && AQTRA_BIN=$(BIN) npm run --silent e2e

.PHONY: screenshots
screenshots: ## Make pictures of every main screen in frontend/screenshots, and those of the tutorial
	@WANT="postgres python chromium" $(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory build
	cd frontend && AQTRA_BIN=$(BIN) AQTRA_SHOTS=$(CURDIR)/frontend/screenshots AQTRA_TUTORIAL=1 npm run --silent e2e -- screens invoice

.PHONY: test-long
test-long: ## Run the fuzz targets for a minute each, after the tests
	@$(MAKE) --no-print-directory test
	tools/scripts/fuzz.sh 60s

.PHONY: torture
torture: ## Kill services, Postgres and Redis under a load of workflows for three minutes, then find each of ten planted bugs
	@WANT="postgres redis python" $(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory build
	cd tools && AQTRA_BIN=$(BIN) go test -count=1 -timeout 15m -v ./torture -torture.time 3m -torture.rate 40 -torture.planted

.PHONY: torture-long
torture-long: ## The same for at least 50,000 runs
	@WANT="postgres redis python" $(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory build
	cd tools && AQTRA_BIN=$(BIN) go test -count=1 -timeout 60m -v -run TestTorture ./torture -torture.time 22m -torture.rate 40

.PHONY: test-integrations
test-integrations: ## Tests that need PyPI
	@WANT="postgres redis python" $(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory build
	tools/scripts/integrations.sh

$(BIN)/helm:
	@printf 'building helm\n'
	@GOBIN=$(BIN) GOWORK=off GOFLAGS=-mod=mod go install -ldflags "$(HELM_VERSION)" helm.sh/helm/v3/cmd/helm@v3.22.0

$(BIN)/versitygw: tools/s3/go.mod
	@printf 'building the S3 store of the tests\n'
	cd tools/s3 && GOWORK=off go build -o $(BIN)/ $$(GOWORK=off go list tool)
	@touch $@

# What helm's own release build sets: without it charts are rendered for Kubernetes 1.20.
HELM_VERSION := -X helm.sh/helm/v3/internal/version.version=v3.22.0 \
	$(foreach p,pkg/chartutil pkg/lint/rules,-X helm.sh/helm/v3/$(p).k8sVersionMajor=1 -X helm.sh/helm/v3/$(p).k8sVersionMinor=34)

.PHONY: charts
charts: $(BIN)/helm ## Pack the Helm charts into .charts
	@tools/scripts/charts.sh

.PHONY: images
images: web ## Build all container images into .images (VERSION=0.1.0; PUSH=registry/prefix pushes them)
	cd tools && go run ./images --version $(VERSION) --out ../.images $(if $(PUSH),--push $(PUSH))

.PHONY: test-k8s
test-k8s: $(BIN)/helm web ## Test images and charts on a real Kubernetes (AQTRA_KUBE_CONTEXT, else one of its own)
	@tools/scripts/test-k8s.sh

.PHONY: test-monitoring
test-monitoring: ## Prove rules, notifications and the dashboard with a real Prometheus and Alertmanager
	@WANT="postgres python prometheus alertmanager" $(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory charts
	cd tools && AQTRA_MONITORING=1 AQTRA_BIN=$(BIN) go test -count=1 -timeout 10m ./monitoring

.PHONY: tools
tools: $(BIN)/buf ## Build the pinned generators

$(BIN)/buf: tools/build/go.mod
	@printf 'building the pinned generators\n'
	cd tools/build && GOWORK=off go build -o $(BIN)/ $$(GOWORK=off go list tool)
	@touch $@

$(BIN)/golangci-lint: tools/lint/go.mod
	@printf 'building the pinned linter\n'
	cd tools/lint && GOWORK=off go build -o $(BIN)/ $$(GOWORK=off go list tool)
	@touch $@

.PHONY: gen
gen: $(BIN)/buf ## Generate code from proto, SQL and OpenAPI
	tools/scripts/gen.sh

.PHONY: verify
verify: ## Check that generated files are fresh
	@tools/scripts/web.sh deps
	@$(MAKE) --no-print-directory gen
	@git diff --exit-code --stat -- proto services frontend/src/api/generated.ts || { echo 'generated files are stale: run make gen and commit'; exit 1; }
	@test -z "$$(git status --porcelain -- proto/gen services/*/internal/store/db)" || { git status --porcelain -- proto/gen services/*/internal/store/db; exit 1; }

.PHONY: lint
lint: $(BIN)/buf $(BIN)/golangci-lint ## Lint protos and Go
	cd proto && buf lint && buf breaking --against released.binpb --path aqtra
	golangci-lint run ./...
	cd tools && golangci-lint run ./...
	@unformatted=$$(gofmt -l pkg services tools); [ -z "$$unformatted" ] || { printf 'not formatted:\n%s\n' "$$unformatted"; exit 1; }

.PHONY: release-proto
release-proto: $(BIN)/buf ## Keep the present contracts as those that later ones must not break
	cd proto && buf build --exclude-source-info --path aqtra -o released.binpb

.PHONY: bench
bench: ## Measure the budgets; prints tables and keeps them in tools/bench/results.md and storage.md
	@WANT="postgres python chromium" $(MAKE) --no-print-directory deps
	@$(MAKE) --no-print-directory build
	cd tools && AQTRA_BIN=$(BIN) go run ./bench
	AQTRA_BENCH_RESULTS=$(CURDIR)/tools/bench/storage.md go test -run '^$$' -bench Data -benchtime 1x ./services/storage
	go test -run '^$$' -bench Million -benchtime 100x ./services/workflow/internal/store

.PHONY: catalogue
catalogue: ## For every row of the catalogue: what implements it, and does its test pass
	@WANT="postgres redis python" $(MAKE) --no-print-directory deps
	@tools/scripts/web.sh deps
	cd tools && go run ./catalogue --check
