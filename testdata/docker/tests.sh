#!/usr/bin/env bash
# tests.sh: runs the tests that ask a Docker engine, with the one that is there. `make
# test` runs all tests with one engine, and these with another.
set -euo pipefail
cd "$(dirname "$0")/../.."

# The limit is for what hangs, also on a busy machine.
test=(go test -vet=off -count=1 -timeout 75m)

# A stack on a rootless engine has a relay beside it, and the engine no limits where control
# groups are of version 1: what the other tests are about is not there.
if docker info --format '{{.SecurityOptions}}' | grep -q rootless; then
  exec "${test[@]}" ./cmd/ogpu-tpl -run '^TestSmokeHere$'
fi

"${test[@]}" ./pkg/engine ./pkg/hardware ./pkg/readback ./pkg/relay ./pkg/smoke
"${test[@]}" ./cmd/ogpu-tpl -run '^(TestSmokeCases|TestSmokeHere|TestSmokeOnAnotherHost|TestImage)$|TestHelpCommands/^image$|TestDocumentedCommands/^docs/pin.md'
