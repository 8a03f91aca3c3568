#!/usr/bin/env bash
# engine.sh run COMMAND…: runs COMMAND with a Docker engine. One that answers is
# used as it is. Otherwise, as root, one is installed and started, and stopped
# when COMMAND ends; whoever shares it meanwhile loses it then.
#
# engine.sh install PACKAGE…: installs Debian packages, and starts nothing of them.
#
#   ENGINE_SOCKET    where to start it, instead of Docker's default socket; only
#                    an engine that answers there counts as one that is there
#   ENGINE_DATA      its data root, instead of Docker's default
#   ENGINE_FLAGS     further flags for dockerd, separated by blanks
#
# A second engine on one machine needs a network namespace of its own, as in
# `unshare --net`: engines share the bridge docker0 and the rules of iptables, and
# one with --bridge=none even removes docker0.
set -euo pipefail

socket=${ENGINE_SOCKET:-/var/run/docker.sock}
start_seconds=90
stop_seconds=60
work= # what is temporary: log, pid file, state
pid=  # of the engine that this script started

say() { echo "engine: $*" >&2; }
die() { say "$*"; exit 1; }

# answers is true when an engine answers where Docker's own client would look, or
# on the socket that was asked for. Its message is kept for the reader.
message=
answers() {
  local at=()
  if [ -n "${ENGINE_SOCKET:-}" ]; then at=(env "DOCKER_HOST=unix://$socket"); fi
  if command -v docker >/dev/null; then
    message=$("${at[@]}" timeout 10 docker version --format '{{.Server.Version}}' 2>&1 >/dev/null) && return 0
    return 1
  fi
  # The tests need no client, only the engine.
  if [ -z "${DOCKER_HOST:-}" ] || [ "$DOCKER_HOST" = "unix://$socket" ]; then
    message=$(socket_answers 2>&1) && return 0
  fi
  return 1
}

socket_answers() {
  [ -S "$socket" ] && command -v curl >/dev/null &&
    curl -sSf --max-time 10 --unix-socket "$socket" http://localhost/_ping >/dev/null
}

# install PACKAGE… installs Debian packages without starting what they bring.
install() {
  command -v apt-get >/dev/null ||
    die "there is no apt-get to install $*: install them by hand"
  say "installing $*"
  export DEBIAN_FRONTEND=noninteractive
  # Packages start their services, which fails where no init system runs, and
  # would leave behind an engine that nobody asked for. Its policy forbids that.
  local policy=/usr/sbin/policy-rc.d
  if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    policy_is_ours=$policy
  fi
  local install=(apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@")
  if ! "${install[@]}" >"$work/apt.log" 2>&1; then
    { apt-get update && "${install[@]}"; } >"$work/apt.log" 2>&1 || {
      tail -n 20 "$work/apt.log" >&2
      die "$* could not be installed: install them by hand; for an engine, Docker Engine 20.10 or newer, or name one with DOCKER_HOST"
    }
  fi
  remove_policy
}

install_engine() {
  local packages=(docker.io iptables mount)
  # Since Debian 13 the client is a package of its own.
  if ! command -v docker >/dev/null && apt-cache show docker-cli >/dev/null 2>&1; then packages+=(docker-cli); fi
  install "${packages[@]}"
}

# install_tools installs what the tests need besides the engine: second engines on
# hosts of their own and a way to them, what runs the Solidity compiler, what
# shell commands in documents and workflows use, and the shells that are completed in.
install_tools() {
  local tool missing=()
  for tool in dockerd:docker.io ip:iproute2 nsenter:util-linux iptables:iptables sshd:openssh-server ssh:openssh-client node:nodejs npm:npm curl:curl jq:jq python3:python3 zsh:zsh fish:fish; do
    command -v "${tool%%:*}" >/dev/null || missing+=("${tool#*:}")
  done
  if [ "${#missing[@]}" -gt 0 ]; then install "${missing[@]}"; fi
}

policy_is_ours=
remove_policy() {
  if [ -n "$policy_is_ours" ]; then rm -f "$policy_is_ours"; fi
  policy_is_ours=
}

# mount_cgroups gives a machine without an init system its control groups, without
# which no container starts. They stay: other engines may come to use them.
mount_cgroups() {
  local controllers
  controllers=$(awk '!/^#/ && $4 == 1 { print $1 }' /proc/cgroups)
  if ! grep -q ' /sys/fs/cgroup[/ ]' /proc/mounts || [ -z "$(ls -A /sys/fs/cgroup)" ]; then
    say "mounting control groups"
    # Engine 20.10 is at its best with version 1.
    mount -t tmpfs -o mode=755 cgroup /sys/fs/cgroup
  elif grep -q ' /sys/fs/cgroup cgroup2 ' /proc/mounts; then
    return
  fi
  # Where one controller is missing, containers start, but the engine tells nothing
  # of what they take. One that is in use for version 2 refuses to be mounted.
  local controller
  for controller in $controllers; do
    if [ -d "/sys/fs/cgroup/$controller" ] && mountpoint -q "/sys/fs/cgroup/$controller"; then continue; fi
    if grep -qE " /sys/fs/cgroup/[^ ]+ cgroup ([^ ]*,)?$controller(,|[ ])" /proc/mounts; then continue; fi
    mkdir -p "/sys/fs/cgroup/$controller"
    mount -t cgroup -o "$controller" cgroup "/sys/fs/cgroup/$controller" 2>/dev/null ||
      rmdir "/sys/fs/cgroup/$controller"
  done
  if [ -d /sys/fs/cgroup/memory ]; then return; fi
  awk '$2 ~ "^/sys/fs/cgroup/" { print $2 }' /proc/mounts | while read -r controller; do umount "$controller"; done
  umount /sys/fs/cgroup
  mount -t cgroup2 cgroup2 /sys/fs/cgroup ||
    die "control groups cannot be mounted: run this where /sys/fs/cgroup is mounted"
}

# choose_iptables finds the kernel interface that works. The choice is made for
# this engine alone, by a folder in front of its PATH.
choose_iptables() {
  case " ${ENGINE_FLAGS:-} " in *" --iptables=false "*) return ;; esac
  if iptables -t nat -nL >/dev/null 2>&1; then return; fi
  local legacy
  legacy=$(command -v iptables-legacy || true)
  if [ -n "$legacy" ] && "$legacy" -t nat -nL >/dev/null 2>&1; then
    mkdir "$work/bin"
    ln -s "$legacy" "$work/bin/iptables"
    ln -s "$(command -v ip6tables-legacy)" "$work/bin/ip6tables"
    engine_path=$work/bin:$PATH
    return
  fi
  say "iptables does not work here: containers will reach this machine and each other, and nothing else"
  flags+=(--iptables=false)
}

start_engine() {
  [ "$(id -u)" = 0 ] || die "no Docker engine answers (${message:-no client, no socket}). Start one, name one with DOCKER_HOST, join the group docker if it is its socket that refuses you, or run this as root, which installs and starts one"
  if [ -z "${ENGINE_SOCKET:-}" ] && [ -n "${DOCKER_HOST:-}" ] && [ "$DOCKER_HOST" != "unix://$socket" ]; then
    die "no Docker engine answers at DOCKER_HOST=$DOCKER_HOST ($message). Start it, or unset DOCKER_HOST to have one started here"
  fi

  # A second one that starts at the same time would take the socket away.
  exec 9>"$(dirname "$socket")/ogpu-engine.lock"
  flock -w $((start_seconds * 4)) 9 || die "another start of an engine on $socket does not end"
  if answers; then exec 9>&-; return; fi

  command -v dockerd >/dev/null || install_engine
  mount_cgroups
  local flags=() engine_path=$PATH
  if [ -n "${ENGINE_DATA:-}" ]; then flags+=(--data-root "$ENGINE_DATA"); fi
  if [ -n "${ENGINE_FLAGS:-}" ]; then read -r -a more <<<"$ENGINE_FLAGS"; flags+=("${more[@]}"); fi
  choose_iptables

  say "starting dockerd on $socket"
  # Pid files and state of its own: those that an engine left in the default
  # places when its machine died may name a process that lives today. A session
  # of its own: Ctrl-C must not end it before the tests have cleaned up.
  PATH=$engine_path setsid dockerd --host "unix://$socket" \
    --pidfile "$work/dockerd.pid" --exec-root "$work/exec" "${flags[@]}" \
    >"$work/dockerd.log" 2>&1 9>&- &
  pid=$!
  local deadline=$((SECONDS + start_seconds))
  until DOCKER_HOST="unix://$socket" answers; do
    if ! kill -0 "$pid" 2>/dev/null; then
      pid=
      tail -n 30 "$work/dockerd.log" >&2
      die "dockerd ended at its start; its log is above"
    fi
    if [ "$SECONDS" -ge "$deadline" ]; then
      tail -n 30 "$work/dockerd.log" >&2
      die "dockerd does not answer within $start_seconds seconds; the end of its log is above"
    fi
    sleep 0.2
  done
  exec 9>&-
}

# stop_engine ends what this script started, and nothing else.
stop_engine() {
  remove_policy
  if [ -n "$pid" ]; then
    kill -TERM "$pid" 2>/dev/null || true
    local deadline=$((SECONDS + stop_seconds))
    while kill -0 "$pid" 2>/dev/null; do
      if [ "$SECONDS" -ge "$deadline" ]; then
        say "dockerd does not stop within $stop_seconds seconds: ending it"
        kill -KILL "$pid" 2>/dev/null || true
        break
      fi
      sleep 0.1
    done
    pid=
  fi
  # An engine leaves its own network namespace mounted. Whatever else is mounted there
  # stays, with what it belongs to.
  if [ -n "$work" ]; then
    umount "$work/exec/netns/default" 2>/dev/null || true
    rm -rf --one-file-system "$work" 2>/dev/null || true
  fi
}

[ $# -ge 2 ] && { [ "$1" = run ] || [ "$1" = install ]; } || die "usage: engine.sh run COMMAND…"
action=$1
shift

work=$(mktemp -d "${TMPDIR:-/tmp}/ogpu-engine.XXXXXX")
trap stop_engine EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [ "$action" = install ]; then
  install "$@"
  exit
fi
if ! answers; then
  start_engine
  # The client's current context may name another engine, and so may the caller.
  answers_here() { [ -z "${ENGINE_SOCKET:-}" ] && answers; }
  answers_here || export DOCKER_HOST="unix://$socket"
elif [ -n "${ENGINE_SOCKET:-}" ]; then
  export DOCKER_HOST="unix://$socket"
fi
if [ "$(id -u)" = 0 ]; then install_tools; fi

status=0
"$@" || status=$?
exit "$status"
