#!/usr/bin/env bash
# action-lint.sh: what action.yml does: lints as its inputs say. They come as
# variables, so that none of them is ever taken for a part of a command.
set -euo pipefail
flags=(--templates "$TEMPLATES" --fail-on "$FAIL_ON")
if [ -n "$SINCE" ]; then flags+=(--changed-since "$SINCE"); fi
if [ -n "$POLICIES" ]; then flags+=(--policies "$POLICIES"); fi
read -r -a named <<<"$TARGETS"

status=0
# lint keeps the worst status. What could not be judged ends at once.
lint() {
  local result=0
  "$OGPU_TPL" lint "${flags[@]}" "$@" -- ${named[@]+"${named[@]}"} || result=$?
  if [ "$result" -gt 1 ]; then exit "$result"; fi
  if [ "$result" -gt "$status" ]; then status=$result; fi
}
if [ -n "$SARIF" ]; then
  lint --format sarif --output "$SARIF"
  echo "sarif=$SARIF" >>"$GITHUB_OUTPUT"
fi
summary=$(mktemp)
lint --format markdown --output "$summary"
cat "$summary" >>"$GITHUB_STEP_SUMMARY"
rm "$summary"
lint --format "$FORMAT"
exit "$status"
