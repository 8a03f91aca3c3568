#!/usr/bin/env bash
# jobs.sh ENVIRONMENT…: takes a matrix from standard input, as `ogpu-tpl changed
# --format matrix` prints it, keeps what is for these environments, and adds where
# each job runs. It sets the outputs matrix and jobs, which is their number.
set -euo pipefail
# GPUs are on self-hosted runners that are thrown away after one job. One that is
# not there leaves its job in the queue, and nothing turns green.
# shellcheck disable=SC2016 # jq's variables
matrix=$(jq --compact-output '{include: [.include[]
  | select(.environment as $is | $ARGS.positional | index($is))
  | .runner = (if .environment == "cpu" then ["ubuntu-24.04"]
      else ["self-hosted", "linux", "x64", "ephemeral", .environment] end)]}' --args "$@")
jobs=$(jq '.include | length' <<<"$matrix")
{
  echo "matrix=$matrix"
  echo "jobs=$jobs"
} >>"$GITHUB_OUTPUT"
echo "jobs: $jobs"
