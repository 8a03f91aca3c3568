#!/usr/bin/env bash
# write-back.sh: puts the receipts of deployment/ into deployments/NETWORK, and the
# digests of the versions into the templates' releases.json, and opens a pull request.
# One that a workflow opens starts no workflows by itself, so it starts those whose
# checks are required: that is allowed.
set -euo pipefail
shopt -s nullglob
branch=deployment/$NETWORK/$GITHUB_RUN_ID
git switch --quiet --create "$branch"
mkdir -p "deployments/$NETWORK"
body=
for receipt in deployment/*.json; do
  name=$(basename "$receipt" .json)
  version=$(jq --raw-output .version "$receipt")
  digest=$(jq --raw-output .digest "$receipt")
  releases=templates/$name/releases.json
  if [ ! -e "$releases" ]; then echo '{}' >"$releases"; fi
  # shellcheck disable=SC2016 # jq's variables
  jq --exit-status --sort-keys --arg version "$version" --arg digest "$digest" \
    'if (.[$version] // $digest) == $digest then .[$version] = $digest else error("another digest is recorded for \($version)") end' \
    "$releases" >"$releases.new"
  mv "$releases.new" "$releases"
  cp "$receipt" "deployments/$NETWORK/$name.json"
  git add "$releases" "deployments/$NETWORK/$name.json"
  body+="- $name $version, $digest, source $(jq --raw-output .source "$receipt")"$'\n'
done
if git diff --cached --quiet; then
  echo "main has it already"
  exit 0
fi
git -c user.name="github-actions[bot]" -c user.email="41898282+github-actions[bot]@users.noreply.github.com" \
  commit --quiet --message "Record what is on the $NETWORK" --message "$body"
gh auth setup-git
git push --quiet --force origin "HEAD:refs/heads/$branch"
open=$(gh pr list --head "$branch" --state open --json number --jq length)
if [ "$open" = 0 ]; then
  gh pr create --base main --head "$branch" --title "Record what is on the $NETWORK" --body "$body"
fi
gh workflow run gate.yml --ref main --raw-field "commit=$(git rev-parse HEAD)"
gh workflow run test.yml --ref "$branch"
