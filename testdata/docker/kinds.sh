#!/usr/bin/env bash
# kinds.sh: runs the tests that ask a Docker engine with each kind of the newest engine.
# Status 1 is that of a kind that failed. What the kernel does not give is said, and is
# no pass.
set -euo pipefail
cd "$(dirname "$0")"

lacking=77
declare -A results
for kind in "" vfs rootless cgroup2; do
  name=${kind:-newest}
  status=0
  echo "engines: $name" >&2
  ENGINE_KIND=$kind ./newest.sh run ./tests.sh || status=$?
  case $status in
  0) results[$name]=passed ;;
  "$lacking") results[$name]="not given by this kernel" ;;
  130 | 143) exit "$status" ;;
  *) results[$name]=failed ;;
  esac
done
failed=0
for name in newest vfs rootless cgroup2; do
  printf 'engines: %-8s  %s\n' "$name" "${results[$name]}"
  if [ "${results[$name]}" = failed ]; then failed=1; fi
done
exit "$failed"
