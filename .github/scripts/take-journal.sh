#!/usr/bin/env bash
# take-journal.sh ARCHIVE FOLDER: unpacks the journal of an earlier attempt of this run
# into FOLDER, where there is one. Any job of the run can leave an archive of that name,
# also one that runs containers. Only the workflow that publishes can sign: what it has
# not signed, at this commit and in this very run, ends the job.
set -euo pipefail
archive=$1 folder=$2
if [ ! -e "$archive" ]; then
  echo "no earlier attempt has left a journal"
  exit
fi
signed=$(gh attestation verify "$archive" --repo "$GITHUB_REPOSITORY" \
  --signer-workflow "$GITHUB_REPOSITORY/.github/workflows/publish.yml" \
  --source-ref "$GITHUB_REF" --source-digest "$GITHUB_SHA" --deny-self-hosted-runners --format json)
run=$GITHUB_SERVER_URL/$GITHUB_REPOSITORY/actions/runs/$GITHUB_RUN_ID/attempts/
# shellcheck disable=SC2016 # jq's variables
jq --exit-status --arg run "$run" \
  'any(.[]; .verificationResult.signature.certificate.runInvocationURI | startswith($run))' <<<"$signed" >/dev/null || {
  echo "the journal is one of another run" >&2
  exit 1
}
mkdir -p "$folder"
tar -xf "$archive" -C "$folder" --no-same-owner
