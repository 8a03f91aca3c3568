#!/usr/bin/env bash
# status.sh COMMIT CONTEXT RESULT [DESCRIPTION]: tells a job's result as the status
# CONTEXT of a commit. Whatever is neither success nor pending is a failure.
set -euo pipefail
commit=$1 context=$2 result=$3
[[ $commit =~ ^[0-9a-f]{40}$ ]] || { echo "$commit is no commit" >&2; exit 1; }
case $result in
success | pending) state=$result ;;
*) state=failure ;;
esac
gh api --silent --method POST "repos/$GITHUB_REPOSITORY/statuses/$commit" \
  --raw-field "state=$state" --raw-field "context=$context" \
  --raw-field "description=${4:-$result}" \
  --raw-field "target_url=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID"
