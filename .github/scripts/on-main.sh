#!/usr/bin/env bash
# on-main.sh: fails unless the commit that is checked out is on the branch main.
# Only what was reviewed is published or released.
set -euo pipefail
git merge-base --is-ancestor HEAD refs/remotes/origin/main || {
  echo "the commit $(git rev-parse HEAD) is not on main: merge it first" >&2
  exit 1
}
