#!/usr/bin/env bash
# publish-plan.sh: sets the outputs network, templates (names, separated by blanks),
# matrix and jobs (see jobs.sh). On main these are the templates that the testnet
# does not have in this version; on a tag mainnet/NAME/VERSION it is that one.
#
#   TESTNET_RPC_URL, MAINNET_RPC_URL   endpoints, instead of the networks' own
set -euo pipefail
here=$(realpath "$(dirname "$0")")
tool=$(realpath "${OGPU_TPL:-bin/ogpu-tpl}")

list=$("$tool" list --format json)
case $GITHUB_REF in
refs/heads/main)
  network=testnet
  ;;
refs/tags/mainnet/*/*)
  network=mainnet
  "$here/on-main.sh"
  IFS=/ read -r _ _ _ name version <<<"$GITHUB_REF"
  # shellcheck disable=SC2016 # jq's variables
  list=$(jq --arg name "$name" --arg version "$version" '[.[] | select(.name == $name and .version == $version)]' <<<"$list")
  if [ "$(jq length <<<"$list")" != 1 ]; then
    printf 'the tag is for %q %q, and the catalog has no such version here\n' "$name" "$version" >&2
    exit 1
  fi
  ;;
*)
  printf '%q is neither main nor a tag for the mainnet\n' "$GITHUB_REF" >&2
  exit 1
  ;;
esac

endpoint=${network^^}_RPC_URL
if [ -n "${!endpoint:-}" ]; then export OGPU_RPC_URL=${!endpoint}; fi
# Status 1 is drift: nightly tells, and it must not keep back another template.
result=0
states=$("$tool" status --network "$network" --format json) || result=$?
if [ "$result" -gt 1 ]; then exit "$result"; fi
# shellcheck disable=SC2016 # jq's variables
due=$(jq --compact-output --argjson states "$states" '
  def major: split(".")[0];
  # A version is due where no source has it, or a higher one. A template may have a
  # source for each major version; what was retired in this one stays so.
  [.[] | . as $template
    | [$states[] | select(.template == $template.name)] as $of
    | select($of | any(.state == "current" or .state == "ahead"
        or (.state == "drifted" and .chain == $template.version)
        or (.state == "retired" and (.chain | major) == ($template.version | major))) | not)]' <<<"$list")

# Old commits of main are run again without anybody asking for their versions: there
# is nothing to do. A tag asks for exactly one, which is there or can be published.
# shellcheck disable=SC2016 # jq's variables
if [ "$network" = mainnet ] && jq --exit-status --argjson due "$due" --arg name "$name" --arg version "$version" \
  '$due == [] and (any(.[]; .template == $name and .chain == $version and .state != "retired") | not)' <<<"$states" >/dev/null; then
  jq --raw-output --arg name "$name" --arg network "$network" '.[] | select(.template == $name and .chain) | "the \($network) has \(.template) \(.chain), which is \(.state)"' <<<"$states" >&2
  echo "so $name $version cannot be published any more" >&2
  exit 1
fi

{
  echo "network=$network"
  echo "templates=$(jq --raw-output 'map(.name) | join(" ")' <<<"$due")"
} >>"$GITHUB_OUTPUT"
echo "to publish on the $network: $(jq --raw-output 'map(.name + " " + .version) | join(", ") | if . == "" then "nothing" else . end' <<<"$due")"
# shellcheck disable=SC2016 # jq's variables
matrix=$(jq --compact-output '{include: [.[] | .name as $name | .environments[] | {template: $name, environment: .}]}' <<<"$due")
"$here/jobs.sh" cpu nvidia amd <<<"$matrix"
