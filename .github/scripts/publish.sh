#!/usr/bin/env bash
# publish.sh: publishes TEMPLATES on NETWORK with the smoke records in records/,
# verifies each source, and puts a receipt for each into deployment/. One that
# fails does not keep back the others, and fails the run at its end.
#
#   CLIENT_PRIVATE_KEY                 the key, unless OGPU_SIGNER says where an external signer is
#   OGPU_HOST                          where the files go, as publish --host takes it
#   TESTNET_RPC_URL, MAINNET_RPC_URL   endpoints, instead of the networks' own
set -euo pipefail
# What speaks for a template comes from this run, and not from a commit.
tracked=$(git ls-files -- records journal deployment)
if [ -n "$tracked" ]; then echo "these must not be in the repository: $tracked" >&2; exit 1; fi
tool=$(realpath "${OGPU_TPL:-bin/ogpu-tpl}")
flags=(--network "$NETWORK" --yes --format json --journal journal)
if [ -n "${OGPU_HOST:-}" ]; then flags+=(--host "$OGPU_HOST"); fi
if [ -n "${OGPU_SIGNER:-}" ]; then flags+=(--signer "$OGPU_SIGNER"); fi
endpoint=${NETWORK^^}_RPC_URL
if [ -n "${!endpoint:-}" ]; then export OGPU_RPC_URL=${!endpoint}; fi
shopt -s nullglob
for record in records/*.json; do flags+=(--record "$record"); done
mkdir -p deployment journal

# one publishes a template. The receipt comes last: it is there only when all is well.
one() {
  local name=$1 work
  work=$(mktemp -d)
  "$tool" publish "$name" "${flags[@]}" >"$work/receipt.json" || return
  # Verifying needs no key.
  env -u CLIENT_PRIVATE_KEY "$tool" verify "$name" --network "$NETWORK" || return
  mv "$work/receipt.json" "deployment/$name.json"
}

# Since the plan was made, another run for main may have published: this version, or a
# higher one. Then there is nothing to do here, and that run records it. In a later
# attempt, this version may be there from the first. A tag asks for its version alone,
# and is told no.
overtaken='[]'
if [ "$GITHUB_REF" = refs/heads/main ]; then
  states=$(env -u CLIENT_PRIVATE_KEY "$tool" status --network "$NETWORK" --format json) || [ $? = 1 ]
  # shellcheck disable=SC2016 # jq's variables
  overtaken=$(jq --compact-output --argjson attempt "$GITHUB_RUN_ATTEMPT" \
    'map(select(.state == "ahead" or .state == "current" and $attempt == 1))' <<<"$states")
fi

status=0
read -r -a names <<<"$TEMPLATES"
for name in "${names[@]}"; do
  # shellcheck disable=SC2016 # jq's variables
  by=$(jq --raw-output --arg name "$name" 'map(select(.template == $name) | .chain)[0] // empty' <<<"$overtaken")
  if [ -n "$by" ]; then
    echo "::notice::another run has published $name $by on the $NETWORK: there is nothing to do"
    continue
  fi
  echo "::group::$name"
  if ! one "$name"; then
    echo "::error::$name is not on the $NETWORK, or not as it should be: see the log"
    status=1
  fi
  echo "::endgroup::"
done
receipts=(deployment/*.json)
if [ ${#receipts[@]} -gt 0 ]; then echo "published=true" >>"$GITHUB_OUTPUT"; fi
exit "$status"
