#!/usr/bin/env bash
# tests.sh: runs the tests that ask a Docker engine, with the one that is there. `make
# test` runs all tests with one engine, and these with another.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The limit is for what hangs, also on a busy machine.
test=(go test -vet=off -count=1 -timeout 75m)

"${test[@]}" ./pkg/engine ./pkg/hardware ./pkg/readback ./pkg/relay ./pkg/smoke
"${test[@]}" ./cmd/ogpu-tpl -run '^(TestSmokeCases|TestSmokeOnAnotherHost|TestImage)$|TestHelpCommands/^image$|TestDocumentedCommands/^docs/pin.md'
