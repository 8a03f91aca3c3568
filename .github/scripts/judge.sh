#!/usr/bin/env bash
# judge.sh TOOL HEAD SINCE OUT: lints what the checkout HEAD changes since SINCE
# with the program TOOL. Annotations go to the log, SARIF and a table for the job's
# page to the folder OUT. It ends with lint's own status: 1 when something was
# found, 3 when the job could not be done.
set -euo pipefail
tool=$(realpath "$1") head=$2 since=$3
mkdir -p "$4"
out=$(realpath "$4")

cd "$head"
status=0
# lint FORMAT [FILE] keeps the worst status. What could not be judged ends at once.
lint() {
  local result=0
  "$tool" lint --changed-since "$since" --format "$1" ${2:+--output "$2"} || result=$?
  if [ "$result" -gt 1 ]; then exit "$result"; fi
  if [ "$result" -gt "$status" ]; then status=$result; fi
}
lint sarif "$out/lint.sarif"
echo "sarif=$out/lint.sarif" >>"$GITHUB_OUTPUT"
lint markdown "$out/lint.md"
cat "$out/lint.md" >>"$GITHUB_STEP_SUMMARY"
lint github
exit "$status"
