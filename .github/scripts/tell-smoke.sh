#!/usr/bin/env bash
# tell-smoke.sh COMMIT CONTEXT PLAN JOBS SMOKE: tells as the status CONTEXT what came
# of the JOBS that the job PLAN has listed, and that ended as SMOKE. Where nothing
# could be listed, nothing is green.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
commit=$1 context=$2 plan=$3 jobs=$4 smoke=$5
case $plan,$jobs in
success,0) "$here/status.sh" "$commit" "$context" success "there is nothing to run" ;;
success,[1-9]*) "$here/status.sh" "$commit" "$context" "$smoke" "to be run: $jobs, which was a $smoke" ;;
*) "$here/status.sh" "$commit" "$context" failure "nothing was run: see gate/lint" ;;
esac
