#!/usr/bin/env bash
# publish.sh: publishes TEMPLATES on NETWORK with the smoke records in records/,
# verifies each source, and puts a receipt for each into deployment/. One that
# fails does not keep back the others, and fails the run at its end.
#
#   MATRIX                             the smoke jobs that were to be run, as jobs.sh lists them
#   CLIENT_PRIVATE_KEY                 the key, unless OGPU_SIGNER says where an external signer is
#   OGPU_HOST                          where the files go, as publish --host takes it
#   TESTNET_RPC_URL, MAINNET_RPC_URL   endpoints, instead of the networks' own
set -euo pipefail
# What speaks for a template comes from this run, and not from a commit.
tracked=$(git ls-files -- records journal deployment)
if [ -n "$tracked" ]; then echo "these must not be in the repository: $tracked" >&2; exit 1; fi
mkdir -p deployment journal
tool=$(realpath "${OGPU_TPL:-bin/ogpu-tpl}")
flags=(--network "$NETWORK" --yes --format json --journal journal)
if [ -n "${OGPU_HOST:-}" ]; then flags+=(--host "$OGPU_HOST"); fi
if [ -n "${OGPU_SIGNER:-}" ]; then flags+=(--signer "$OGPU_SIGNER"); fi
endpoint=${NETWORK^^}_RPC_URL
if [ -n "${!endpoint:-}" ]; then export OGPU_RPC_URL=${!endpoint}; fi
shopt -s nullglob

# records NAME sets the flags with what NAME's smoke jobs have said. A job speaks for the
# template and the environment that it was given, and for no other. Where it has said
# nothing, publish tells what is missing.
records() {
  local name=$1 list environment file
  of=()
  # shellcheck disable=SC2016 # jq's variables
  list=$(jq --raw-output --arg name "$name" '.include[] | select(.template == $name) | .environment' <<<"$MATRIX") || return
  for environment in $list; do
    file=records/record-$name-$environment/$name-$environment.json
    [ -e "$file" ] || continue
    # shellcheck disable=SC2016 # jq's variables
    if [ -L "$file" ] || ! jq --slurp --exit-status --arg name "$name" --arg environment "$environment" \
      'length == 1 and (.[0].records | length > 0 and all(.template == $name and .environment == $environment))' "$file" >/dev/null; then
      echo "::error::the smoke job of $name on $environment speaks for another: its record counts for nothing"
      return 1
    fi
    of+=(--record "$file")
  done
}

# one publishes a template. The receipt comes last: it is there only when all is well.
one() {
  local name=$1 work of
  work=$(mktemp -d)
  records "$name" || return
  "$tool" publish "$name" "${flags[@]}" ${of[@]+"${of[@]}"} >"$work/receipt.json" || return
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
