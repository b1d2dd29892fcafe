# make demo   builds Gatefold, fills a demonstration journal and serves it
# make test   passes all tests

VERSION  ?= $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
DIR      ?= ./demo-data
LISTEN   ?= 127.0.0.1:8080
FLAGS    ?=
FUZZTIME ?= 30
PACKAGES ?= ./...

.PHONY: help need-go editor build demo test lint fuzz e2e bench clean

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "make %-8s %s\n", $$1, $$2}'

need-go:
	@scripts/need go

EDITOR := internal/newsroom/editor

# The newsroom's rich editor. Where there is no Node the binary is built without it, and has a form of Markdown in its place.
editor: ## the newsroom's rich editor, bundled for the binary (needs npm)
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory $(EDITOR)/dist/editor.js; \
	else echo "no npm: the newsroom will have its Markdown editor only"; fi

$(EDITOR)/node_modules: $(EDITOR)/package-lock.json
	cd $(EDITOR) && npm ci --no-audit --no-fund
	touch $@

$(EDITOR)/dist/editor.js: $(EDITOR)/node_modules $(wildcard $(EDITOR)/src/*.js) $(EDITOR)/package.json
	cd $(EDITOR) && npm run --silent build

build: need-go editor ## the binary ./gatefold, static, with its version in it
	CGO_ENABLED=0 go build -trimpath -ldflags '-s -w -X main.version=$(VERSION)' -o gatefold ./cmd/gatefold

demo: build ## a demonstration journal on http://127.0.0.1:8080 (DIR=./demo-data LISTEN=ADDR)
	./gatefold demo --dir $(DIR) --listen $(LISTEN)

test: need-go ## all tests, on SQLite and a throw-away PostgreSQL (FLAGS=-race for the race detector)
	scripts/with-postgres go test $(FLAGS) $(PACKAGES)

lint: need-go ## gofmt, go vet, staticcheck, govulncheck
	@unformatted=$$(gofmt -l cmd internal bench e2e/*.go); \
	if [ -n "$$unformatted" ]; then echo "not formatted by gofmt:"; echo "$$unformatted"; exit 1; fi
	go vet -tags e2e ./...
	go tool staticcheck -tags e2e ./...
	scripts/vulncheck

fuzz: need-go ## every fuzz target for FUZZTIME=30 seconds, six at a time
	scripts/fuzz $(FUZZTIME)

e2e/node_modules: e2e/package-lock.json
	scripts/need npm
	cd e2e && npm ci --no-audit --no-fund
	touch $@

e2e: need-go editor e2e/node_modules ## whole journeys in Chromium, with axe, the Nu HTML checker and Lighthouse
	scripts/need chromium java node
	go test -tags e2e -count=1 -timeout 30m $(FLAGS) ./e2e/...

bench: need-go e2e/node_modules ## measured against nginx on the same bytes: ratios, targets, pass or miss
	scripts/need nginx wrk chromium node
	go run ./bench

clean: ## removes what make built; demo-data stays
	rm -rf gatefold e2e/node_modules e2e/shots $(EDITOR)/node_modules $(EDITOR)/dist/editor.js
