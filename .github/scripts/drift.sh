#!/usr/bin/env bash
# drift.sh: compares the catalog with NETWORK, and verifies each source that is
# there. All is looked at before it fails.
#
#   TESTNET_RPC_URL, MAINNET_RPC_URL   endpoints, instead of the networks' own
set -euo pipefail
tool=$(realpath "${OGPU_TPL:-bin/ogpu-tpl}")
endpoint=${NETWORK^^}_RPC_URL
if [ -n "${!endpoint:-}" ]; then export OGPU_RPC_URL=${!endpoint}; fi
status=0
"$tool" status --network "$NETWORK" || status=$?
states=$("$tool" status --network "$NETWORK" --format json) || [ $? = 1 ]
# Retired sources may be whatever they like.
sources=$(jq --raw-output '.[] | select(.source and .state != "retired") | .source' <<<"$states")
for source in $sources; do
  "$tool" verify "$source" --network "$NETWORK" || status=1
done
exit "$status"
