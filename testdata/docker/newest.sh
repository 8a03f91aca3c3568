#!/usr/bin/env bash
# newest.sh run COMMAND…: runs COMMAND with the newest Docker engine that the Go module
# proxy has, whatever engine this machine runs.
#
# newest.sh build: builds that engine from testdata/engine, which `run` does too. Go keeps
# the programs in its cache: only the first time takes minutes.
#
# The engine and COMMAND are alone in network, mount and PID namespaces. So the engine
# disturbs no other, shares a network with COMMAND as the machine's own engine does, and
# ends with COMMAND, also when this is killed. It needs root, and on Debian installs what
# it lacks.
#
#   ENGINE_KIND      what is special about the engine; without it, nothing is:
#                      vfs       its storage driver, which copies every layer
#                      rootless  a user runs it, without root's rights
#                      cgroup2   control groups of version 2, and no others
#
# A kind that the machine's kernel does not give is told, and ends with status 77: that is
# neither a pass nor a failure of COMMAND.
set -euo pipefail

root=$(cd "$(dirname "$0")/../.." && pwd)
kind=${ENGINE_KIND:-}
lacking=77

say() { echo "newest: $*" >&2; }
die() { say "$*"; exit 1; }
lacks() { say "not given by this kernel: $*"; exit "$lacking"; }

# build builds the engine's programs, and puts links to them into a folder, if one is
# given. It is to be first on PATH.
build() {
  local began=$SECONDS package
  say "building the newest Docker engine; the first time takes minutes"
  for package in github.com/moby/moby/v2/cmd/{docker-proxy,dockerd} \
    github.com/containerd/containerd/v2/cmd/{containerd,containerd-shim-runc-v2} \
    github.com/opencontainers/runc; do
    program "$package" "${1:-}"
    say "${package##*/} is there after $((SECONDS - began)) s"
  done
}

# program builds one. `go tool` heeds no flags of the build, and `go run` does; both
# keep what they link in Go's cache, and what is there can be asked for its path.
program() {
  local cgo=0 flags=(-trimpath)
  case $1 in
  # runc cannot do without C, nor engines without its filter of system calls.
  */runc) cgo=1 flags+=(-tags=seccomp) ;;
  # It would call itself "library-import".
  */dockerd) flags+=("-ldflags=-X github.com/moby/moby/v2/dockerversion.Version=$(version github.com/moby/moby/v2)") ;;
  esac
  local run=(env CGO_ENABLED=$cgo go -C "$root/testdata/engine" run "${flags[@]}")
  "${run[@]}" -exec true "$1"
  if [ -n "$2" ]; then ln -s "$("${run[@]}" -exec echo "$1")" "$2/${1##*/}"; fi
}

version() { go -C "$root/testdata/engine" list -m -f '{{slice .Version 1}}' "$1"; }

install() {
  local tool missing=()
  for tool in dockerd:docker.io docker:docker.io iptables:iptables ip:iproute2 unshare:util-linux slirp4netns:slirp4netns gcc:gcc pkg-config:pkg-config; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool#*:}")
  done
  pkg-config --exists libseccomp 2>/dev/null || missing+=(libseccomp-dev libc6-dev)
  if [ "$kind" = rootless ]; then
    for tool in rootlesskit:rootlesskit newuidmap:uidmap setpriv:util-linux; do
      command -v "${tool%%:*}" >/dev/null || missing+=("${tool#*:}")
    done
  fi
  if [ "${#missing[@]}" -gt 0 ]; then "$root/testdata/docker/engine.sh" install "${missing[@]}"; fi
}

# clean removes what is left of a run: files, and control groups of containers that
# were killed.
clean() {
  local group
  for group in /sys/fs/cgroup/*/"$(basename "$1")" /sys/fs/cgroup/"$(basename "$1")"; do
    if [ -d "$group" ]; then find "$group" -depth -type d -exec rmdir {} + 2>/dev/null || true; fi
  done
  rm -rf --one-file-system "$1"
}

# outside prepares, and cleans up.
outside() {
  [ "$(id -u)" = 0 ] || die "needs root, for namespaces, and control groups"
  case $kind in '' | vfs | rootless | cgroup2) ;; *) die "ENGINE_KIND=$kind is not known" ;; esac
  install
  # Those that were killed held a lock, which the kernel has taken from them.
  local left
  for left in /tmp/ogpu-newest.*; do
    if [ -d "$left" ] && flock -n "$left/lock" true; then clean "$left"; fi
  done
  work=$(mktemp -d /tmp/ogpu-newest.XXXXXX)
  chmod 711 "$work"
  exec 9>"$work/lock"
  flock 9
  trap 'end 129' HUP
  trap 'end 130' INT
  trap 'end 143' TERM
  mkdir "$work/bin"
  build "$work/bin"
  mkdir -m 1777 "$work/tmp"
  # What is killed here takes all processes with it, engine and containers too. The
  # files of its namespaces are this process's own: nobody else can reach them.
  setpriv --pdeathsig KILL unshare --net --mount --pid --fork --kill-child=KILL \
    "$0" inside "$work" "$@" 8</proc/self/ns/net 9>&- &
  inside=$!
  local status=0
  wait "$inside" || status=$?
  inside=
  end "$status"
}

inside= work=
end() {
  trap '' HUP INT TERM
  if [ -n "$inside" ]; then
    kill -KILL "$inside" 2>/dev/null || true
    wait "$inside" 2>/dev/null || true
  fi
  if [ -n "$work" ]; then clean "$work"; fi
  exit "$1"
}

# inside is the first process of the namespaces.
inside() {
  work=$1
  shift
  mount --make-rprivate /
  mount -t proc proc /proc
  if [ -d /run/netns ]; then mount -t tmpfs tmpfs /run/netns; fi
  ip link set lo up
  connect
  export TMPDIR=$work/tmp PATH=$work/bin:$PATH
  export ENGINE_SOCKET=$work/docker.sock ENGINE_DATA=$work/data ENGINE_FLAGS=--cgroup-parent=/${work##*/}
  case $kind in
  vfs) ENGINE_FLAGS+=" --storage-driver=vfs" ;;
  cgroup2) unify ;;
  rootless) unroot ;;
  esac
  unset DOCKER_HOST DOCKER_CONTEXT
  exec "$root/testdata/docker/engine.sh" run "$@"
}

# unify leaves nothing but control groups of version 2. A controller that version 1 has is
# the kernel's to give back, and it does so only when nobody has a group there.
unify() {
  if ! grep -q ' /sys/fs/cgroup cgroup2 ' /proc/mounts; then
    umount --recursive /sys/fs/cgroup
    mount -t cgroup2 cgroup2 /sys/fs/cgroup || lacks "control groups of version 2"
  fi
  local controller given
  given=" $(cat /sys/fs/cgroup/cgroup.controllers) "
  for controller in cpu memory pids; do
    case $given in *" $controller "*) ;; *) lacks "control groups of version 2 with the controller $controller" ;; esac
  done
}

# unroot has a user run the engine, as dockerd-rootless.sh does: a program of that name
# stands in front of dockerd. The user, and the numbers that its namespaces map, are there
# in this mount namespace only.
unroot() {
  local user=ogpu-rootless id=64213 file home=$work/home
  mkdir "$work/etc"
  for file in passwd group subuid subgid; do
    touch "/etc/$file"
    cp "/etc/$file" "$work/etc/$file"
    case $file in
    passwd) echo "$user:x:$id:$id::$home:/bin/sh" ;;
    group) echo "$user:x:$id:" ;;
    *) echo "$user:$((1 << 20)):65536" ;;
    esac >>"$work/etc/$file"
    mount --bind "$work/etc/$file" "/etc/$file"
  done
  mkdir -m 700 "$home" "$home/run"
  mkdir -m 711 "$ENGINE_DATA"
  chown "$user:$user" "$home" "$home/run" "$ENGINE_DATA"
  chown "$user:$user" "$work" # the socket is there
  # Anybody may open this where udev has made it.
  mknod -m 666 "$work/tun" c 10 200
  mount --bind "$work/tun" /dev/net/tun
  local as=(setpriv --reuid "$id" --regid "$id" --clear-groups env -i "HOME=$home" "XDG_RUNTIME_DIR=$home/run" "PATH=$PATH:/usr/sbin:/sbin")
  "${as[@]}" unshare --user --net true 2>"$work/unshare.log" || lacks "namespaces of users: $(cat "$work/unshare.log")"
  cp -L "$work/bin/dockerd" "$work/dockerd"
  rm "$work/bin/dockerd"
  # What is built lies where only root may look.
  for file in "$work"/bin/*; do cp --remove-destination "$(readlink -f "$file")" "$file"; done
  chmod 755 "$work/dockerd" "$work"/bin/*
  { printf '#!/bin/sh\nexec '
    printf "'%s' " "${as[@]}" rootlesskit --state-dir="$home/kit" --net=slirp4netns --mtu=65520 \
      --slirp4netns-sandbox=false --slirp4netns-seccomp=false --disable-host-loopback \
      --port-driver=slirp4netns --copy-up=/etc --copy-up=/run --propagation=rslave \
      sh -c 'rm -rf /run/docker /run/containerd /run/xtables.lock; exec "$@"' sh "$work/dockerd"
    echo '"$@" --pidfile='"'$home/dockerd.pid' --exec-root='$home/exec'"
  } >"$work/bin/dockerd"
  chmod 755 "$work/bin/dockerd"
  # Ports are published at this address of the engine's network, and at no other. By
  # default containers are told another, and reach no port of their host.
  ENGINE_FLAGS=--host-gateway-ip=10.0.2.100
}

# connect gives the namespace a way to the outside, through a process that speaks for it
# there, so that nothing of the machine's own network is changed. Names are asked of it.
connect() {
  mkfifo "$work/ready"
  exec {ready}<>"$work/ready"
  nsenter --net=/proc/self/fd/8 slirp4netns --configure --mtu=65520 --disable-host-loopback \
    --netns-type=path --ready-fd="$ready" /proc/$$/ns/net tap0 >"$work/slirp.log" 2>&1 &
  read -r -n 1 -t 60 -u "$ready" || { cat "$work/slirp.log" >&2; die "the engine's network has no way to the outside"; }
  exec {ready}>&- 8<&-
  echo "nameserver 10.0.2.3" >"$work/resolv.conf"
  mount --bind "$work/resolv.conf" "$(readlink -f /etc/resolv.conf)"
}

case "${1:-} $#" in
"build 1") install && build ;;
"run "[2-9]* | "run 1"[0-9]*) shift && outside "$@" ;;
"inside "*) shift && inside "$@" ;;
*) die "usage: newest.sh run COMMAND…, or newest.sh build" ;;
esac
