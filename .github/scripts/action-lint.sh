#!/usr/bin/env bash
# action-lint.sh: what action.yml does: lints as its inputs say. They come as
# variables, so that none of them is ever taken for a part of a command.
#
# It is started in the working folder, from where the inputs name files. GitHub looks
# for what annotations and SARIF name from the repository's root: that is where lint
# runs, and finds the files by their paths from there.
set -euo pipefail
from=$(pwd -P)
root=$(cd "$GITHUB_WORKSPACE" && pwd -P)
# The repository may have been checked out below the workspace.
top=$(git rev-parse --show-toplevel 2>/dev/null || true)
case $top/ in "$root"/*) root=$top ;; esac
case $from/ in
"$root"/*) prefix=${from#"$root"} prefix=${prefix#/}${prefix:+/} ;;
*) root=$from prefix= ;; # outside of the workspace
esac
cd "$root"

# from_root PATH: what the working folder calls PATH. Nothing is resolved: whether a
# folder is a link is for lint to see.
from_root() {
  case $1 in
  "$root") echo . ;;
  "$root"/*) printf '%s\n' "${1#"$root"/}" ;;
  /*) printf '%s\n' "$1" ;;
  *) printf '%s\n' "$prefix$1" ;;
  esac
}

folder=$(from_root "${TEMPLATES:-templates}")
flags=(--templates "$folder" --fail-on "$FAIL_ON")
if [ -n "$SINCE" ]; then flags+=(--changed-since "$SINCE"); fi
if [ -n "$POLICIES" ]; then flags+=(--policies "$(from_root "$POLICIES")"); fi
read -r -d '' -a words <<<"$TARGETS" || true # lines are blanks, too
named=()
for word in ${words[@]+"${words[@]}"}; do
  # A template's name is one before it is a path.
  case $word in
  . | .. | */*) word=$(from_root "$word") ;;
  *) [ -d "$folder/$word" ] || [ -L "$folder/$word" ] || word=$(from_root "$word") ;;
  esac
  named+=("$word")
done

status=0
# lint keeps the worst status. What could not be judged ends at once.
lint() {
  local result=0
  "$OGPU_TPL" lint "${flags[@]}" "$@" -- ${named[@]+"${named[@]}"} || result=$?
  if [ "$result" -gt 1 ]; then exit "$result"; fi
  if [ "$result" -gt "$status" ]; then status=$result; fi
}
if [ -n "$SARIF" ]; then
  # Whole, so that it means the same to the steps that come after.
  case $SARIF in /*) sarif=$SARIF ;; *) sarif=$from/$SARIF ;; esac
  lint --format sarif --output "$sarif"
  echo "sarif=$sarif" >>"$GITHUB_OUTPUT"
fi
summary=$(mktemp)
lint --format markdown --output "$summary"
cat "$summary" >>"$GITHUB_STEP_SUMMARY"
rm "$summary"
lint --format "$FORMAT"
exit "$status"
