#!/usr/bin/env bash
# catalog-jobs.sh TOOL ENVIRONMENT…: sets the outputs of jobs.sh for the whole
# catalog.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
tool=$(realpath "$1")
shift
list=$("$tool" list --format json)
# shellcheck disable=SC2016 # jq's variables
matrix=$(jq --compact-output '{include: [.[] | .name as $name | .environments[] | {template: $name, environment: .}]}' <<<"$list")
"$here/jobs.sh" "$@" <<<"$matrix"
