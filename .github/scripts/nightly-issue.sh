#!/usr/bin/env bash
# nightly-issue.sh: tells in an issue what of the nightly run failed. While one is
# open it is added to.
set -euo pipefail
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID
body="plan: $PLAN, pins: $PINS, drift: $DRIFT, smoke: $SMOKE, engines: $ENGINES. The log is at $run"
gh label create nightly --description "The nightly run failed" --force
issue=$(gh issue list --label nightly --state open --limit 1 --json number --jq '.[].number')
if [ -n "$issue" ]; then
  gh issue comment "$issue" --body "$body"
else
  gh issue create --label nightly --title "The nightly run failed" --body "$body"
fi
