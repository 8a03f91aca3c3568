#!/usr/bin/env bash
# programs.sh: builds the programs of other projects that the tests run, each from a
# module under testdata whose go.sum says what exactly it is. Go keeps them in its
# cache, from where programtest.Build takes them: only the first time takes minutes,
# and then they are said here, and no test waits for them. syft is for releases alone,
# and the engine is built in a way of its own.
set -euo pipefail
cd "$(dirname "$0")/.."
export CGO_ENABLED=0

modules=() tools=()
while IFS= read -r file; do
  module=${file%/go.mod}
  while IFS= read -r tool; do
    modules+=("$module") tools+=("$tool")
  done < <(go -C "$module" list -f '{{.ImportPath}}' tool)
done < <(find testdata -name go.mod -not -path 'testdata/gate/syft/*' -not -path 'testdata/engine/*' | sort)

for i in "${!tools[@]}"; do
  echo "programs: $((i + 1)) of ${#tools[@]}: ${tools[i]}" >&2
  go -C "${modules[i]}" tool -n "${tools[i]}" >/dev/null
done
testdata/docker/newest.sh build
