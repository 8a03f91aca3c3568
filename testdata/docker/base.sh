#!/usr/bin/env bash
# base.sh NAME: makes the image NAME, a small Debian bookworm with a working
# apt-get, unless the engine has an image of that name. For tests and builds on
# machines that reach a Debian mirror and no image registry.
set -euo pipefail

suite=bookworm

say() { echo "base: $*" >&2; }
die() { say "$*"; exit 1; }

# debian_sources prints one-line apt sources for the suite, made of the machine's
# own sources, so that a mirror that works here is the one that is used. The
# index files know their origin, which tells Debian's sources from all others.
debian_sources() {
  local fields='$(ORIGIN) $(CODENAME) $(REPO_URI) $(COMPONENT)'
  apt-get indextargets --format "$fields" 'Created-By: Packages' |
    awk -v suite="$suite" '
      $1 == "Debian" && $4 == "main" && !seen[$3, $2]++ {
        if (first == "" && $2 !~ /-/) first = $3
        if ($2 == suite || index($2, suite "-") == 1) lines = lines "deb " $3 " " $2 " main\n"
        if ($2 == suite) whole = 1
      }
      END {
        if (whole) printf "%s", lines
        else if (first != "") print "deb " first " " suite " main"
      }'
}

[ $# -eq 1 ] || die "usage: base.sh NAME"
name=$1

command -v docker >/dev/null || die "needs the docker client: install docker.io"
if docker image inspect "$name" >/dev/null 2>&1; then
  exit 0
fi
[ "$(id -u)" = 0 ] || die "needs root to make the image $name: run it as root, or import an image of that name"
command -v apt-get >/dev/null || die "needs apt-get to make the image $name: run it on Debian, or import an image of that name"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if ! command -v mmdebstrap >/dev/null; then
  say "installing mmdebstrap"
  export DEBIAN_FRONTEND=noninteractive
  install=(apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 mmdebstrap)
  "${install[@]}" >"$work/log" 2>&1 ||
    { apt-get update && "${install[@]}"; } >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; die "mmdebstrap could not be installed"; }
fi

debian_sources >"$work/sources"
if [ ! -s "$work/sources" ]; then
  apt-get update >"$work/log" 2>&1 || { tail -n 20 "$work/log" >&2; die "apt-get update failed"; }
  debian_sources >"$work/sources"
fi
[ -s "$work/sources" ] || die "apt has no source of Debian: add one, or import an image as $name"

say "making $name"
# Services must not be started in a container, and package lists are fetched
# again by whoever installs something.
mmdebstrap --quiet --variant=apt --format=tar \
  --dpkgopt='path-exclude=/usr/share/man/*' \
  --dpkgopt='path-exclude=/usr/share/locale/*' \
  --dpkgopt='path-exclude=/usr/share/doc/*' \
  --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --customize-hook='printf "#!/bin/sh\nexit 101\n" >"$1/usr/sbin/policy-rc.d"; chmod 755 "$1/usr/sbin/policy-rc.d"' \
  "$suite" "$work/base.tar" "$work/sources" >"$work/log" 2>&1 ||
  { tail -n 20 "$work/log" >&2; die "the userland could not be made"; }
docker import --change 'CMD ["bash"]' "$work/base.tar" "$name" >/dev/null
