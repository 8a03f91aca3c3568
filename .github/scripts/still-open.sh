#!/usr/bin/env bash
# still-open.sh CHECKOUT COMMIT: fails unless COMMIT is the head of a pull request at
# the remote of CHECKOUT now. Between a run's start and its approval somebody may
# have pushed, and the result would be told of what nobody merges.
set -euo pipefail
checkout=$1 commit=$2
[[ $commit =~ ^[0-9a-f]{40}$ ]] || { echo "$commit is no commit" >&2; exit 1; }
heads=$(git -C "$checkout" ls-remote origin 'refs/pull/*/head')
while read -r head _; do
  if [ "$head" = "$commit" ]; then exit 0; fi
done <<<"$heads"
echo "$commit is not the head of a pull request: the newest commit has a run of its own" >&2
exit 1
