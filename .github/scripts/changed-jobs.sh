#!/usr/bin/env bash
# changed-jobs.sh TOOL HEAD SINCE ENVIRONMENT…: sets the outputs of jobs.sh for the
# templates that the checkout HEAD changes since SINCE.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
tool=$(realpath "$1") head=$2 since=$3
shift 3
matrix=$(cd "$head" && "$tool" changed --since "$since" --format matrix)
"$here/jobs.sh" "$@" <<<"$matrix"
