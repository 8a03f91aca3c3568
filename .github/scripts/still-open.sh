#!/usr/bin/env bash
# still-open.sh COMMIT: fails unless COMMIT is the head of a pull request for main that
# is open now. Between a run's start and its approval somebody may have pushed or closed
# it, and the result would be told of what nobody merges.
set -euo pipefail
commit=$1
[[ $commit =~ ^[0-9a-f]{40}$ ]] || { echo "$commit is no commit" >&2; exit 1; }
pulls=$(gh api --paginate "repos/$GITHUB_REPOSITORY/pulls?state=open&base=main&per_page=100")
# shellcheck disable=SC2016 # jq's variables
jq --null-input --exit-status --arg commit "$commit" \
  'any(inputs[]; .state == "open" and .base.ref == "main" and .head.sha == $commit)' <<<"$pulls" >/dev/null || {
  echo "$commit is not the head of an open pull request: a newer commit has a run of its own" >&2
  exit 1
}
