#!/usr/bin/env bash
# A one-node Slurm cluster on this machine's loopback device, with GPUs that are only files: enough for SkyPilot to launch on.
#
#   cluster.sh up | down | status       as root, on Debian or Ubuntu
#
# Everything lies below ARENA_SLURM_DIR but the packages and one system user. ARENA_SLURM_CLIENT is the home folder whose
# SkyPilot shall find the cluster, under the name "arena".
set -euo pipefail
shopt -s inherit_errexit
cd "$(dirname "$0")/../.."
. scripts/setup/say.bash

D=${ARENA_SLURM_DIR:-/var/lib/posttrain-arena-slurm}
CLIENT=${ARENA_SLURM_CLIENT:-$HOME}
CLUSTER=arena
NODE_USER=arena-node
GPUS=4
CPUS=64 # more than there are: SkyPilot asks for eight to a GPU
SSH_PORT=22022 CONTROLLER_PORT=26817 NODE_PORT=26818
PIDS=("$D/run/sshd.pid" "$D/run/slurmd.pid" "$D/run/slurmctld.pid" "$D/munge/munged.pid")
export SLURM_CONF=$D/etc/slurm.conf

# fill TEMPLATE FILE: the template with its @NAMES@ filled in.
fill() {
  local host
  host=$(hostname -s)
  sed -e "s|@DIR@|$D|g" -e "s|@HOST@|$host|g" -e "s|@CLUSTER@|$CLUSTER|g" -e "s|@USER@|$NODE_USER|g" \
    -e "s|@GPUS@|$GPUS|g" -e "s|@LAST_GPU@|$((GPUS - 1))|g" -e "s|@CPUS@|$CPUS|g" \
    -e "s|@SSH_PORT@|$SSH_PORT|g" -e "s|@CONTROLLER_PORT@|$CONTROLLER_PORT|g" -e "s|@NODE_PORT@|$NODE_PORT|g" \
    -e "s|@MEMORY_MB@|$(awk '/^MemTotal/ {print int($2 / 1024 - 1024)}' /proc/meminfo)|g" \
    -e "s|@NODE_ENVIRONMENT@|$(node_environment)|g" "scripts/slurm/$1" >"$2"
}

# What a login on the node finds in its environment: the index settings of this machine among it.
node_environment() {
  local name value=("PATH=$D/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin" "SLURM_CONF=$SLURM_CONF" UV_PYTHON_DOWNLOADS=never)
  for name in SSL_CERT_FILE UV_DEFAULT_INDEX UV_INDEX_URL UV_FIND_LINKS; do
    [ -z "${!name:-}" ] || value+=("$name=${!name}")
  done
  printf '%s' "${value[*]}"
}

add_user() {
  # A password that nothing matches; a locked account could not log in by key either.
  id "$NODE_USER" >/dev/null 2>&1 || useradd --no-create-home --home-dir "$D/home" --shell /bin/bash --password '*' "$NODE_USER"
  if getent group docker >/dev/null; then
    usermod --append --groups docker "$NODE_USER"
  fi
}

new_key() {
  [ -s "$1" ] || ssh-keygen -q -t ed25519 -N '' -f "$1"
}

configure() {
  mkdir -p "$D"/{bin,etc,log,munge,run,spool,state,keys,gpus,shared,home/.ssh} /run/sshd
  chmod 755 "$D" "$D/munge"
  chmod 700 "$D/keys"
  [ -s "$D/munge/key" ] || head -c 1024 /dev/urandom >"$D/munge/key"
  chown -R munge:munge "$D/munge"
  chmod 400 "$D/munge/key"
  new_key "$D/keys/host"
  new_key "$D/keys/client"
  local gpu
  for ((gpu = 0; gpu < GPUS; gpu++)); do : >"$D/gpus/gpu$gpu"; done
  fill slurm.conf "$SLURM_CONF"
  fill gres.conf "$D/etc/gres.conf"
  fill sshd.conf "$D/etc/sshd.conf"
  printf 'CgroupPlugin=cgroup/%s\n' "$([ "$(stat -fc %T /sys/fs/cgroup)" = cgroup2fs ] && echo v2 || echo v1)" >"$D/etc/cgroup.conf"
  configure_node
  mkdir -p "$CLIENT/.slurm"
  fill client.conf "$CLIENT/.slurm/config"
}

# The node's user: SkyPilot runs everything in login shells, whose profile sets PATH anew, and fetches uv from the internet.
configure_node() {
  cp "$D/keys/client.pub" "$D/home/.ssh/authorized_keys"
  touch "$D/home/.bashrc" "$D/home/.hushlogin"
  fill node/profile "$D/home/.profile"
  chown -R "$NODE_USER:$NODE_USER" "$D/home" "$D/shared"
  chmod 700 "$D/home/.ssh"
  chmod 600 "$D/home/.ssh/authorized_keys"
  install -m 755 .venv/bin/uv "$D/bin/uv-of-this-machine"
  fill node/curl "$D/bin/curl"
  fill node/uv "$D/bin/uv"
  node_python >"$D/bin/arena-python"
  chmod 755 "$D/bin"/*
}

# The checkout's own Python, or, where the node's user may not run it, the system's with the checkout's libraries.
node_python() {
  local python libraries
  python=$(pwd -P)/.venv/bin/python
  libraries=$("$python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
  su "$NODE_USER" -s /bin/sh -c "'$python' -c ''" 2>/dev/null || python=/usr/bin/python3
  sed -e "s|@PYTHON@|$python|g" -e "s|@LIBRARIES@|$libraries|g" scripts/slurm/node/arena-python
}

alive() {
  [ -s "$1" ] && kill -0 "$(cat "$1")" 2>/dev/null
}

start() {
  alive "$D/munge/munged.pid" || su -s /bin/sh munge -c "/usr/sbin/munged --key-file='$D/munge/key' \
    --socket='$D/munge/socket' --pid-file='$D/munge/munged.pid' --log-file='$D/munge/log' --seed-file='$D/munge/seed'"
  alive "$D/run/slurmctld.pid" || /usr/sbin/slurmctld
  alive "$D/run/slurmd.pid" || /usr/sbin/slurmd -N "$(hostname -s)"
  alive "$D/run/sshd.pid" || /usr/sbin/sshd -f "$D/etc/sshd.conf" -E "$D/log/sshd.log"
}

wait_for_node() {
  local second
  for ((second = 0; second < 60; second++)); do
    case "$(sinfo --noheader --format %t 2>/dev/null)" in
      idle | mix | alloc | comp) return 0 ;;
    esac
    sleep 1
  done
  tail -n 5 "$D/log/slurmctld.log" "$D/log/slurmd.log" >&2
  return 1
}

up() {
  [ "$(id -u)" -eq 0 ] || stop "the cluster needs root: run 'sudo scripts/slurm/cluster.sh up'."
  scripts/setup/need.sh slurmctld slurm-wlm munge
  scripts/setup/need.sh sshd openssh-server openssh-client
  scripts/setup/need.sh rsync rsync
  scripts/setup/need.sh nc netcat-openbsd
  mkdir -p "$D"
  add_user
  configure
  start
  timed "waiting for the node" wait_for_node
}

# Process ids of our own Slurm daemons, told from others by the configuration that they inherited, and of the node's user.
left_over() {
  local name process
  for name in slurmd slurmstepd slurmctld; do
    for process in $(pgrep -x "$name" || true); do
      if tr '\0' '\n' 2>/dev/null <"/proc/$process/environ" | grep -qx "SLURM_CONF=$SLURM_CONF"; then
        printf '%s\n' "$process"
      fi
    done
  done
  pgrep -u "$NODE_USER" || true
}

down() {
  id "$NODE_USER" >/dev/null 2>&1 || return 0
  local file signal process second
  timeout 20 scancel --user="$NODE_USER" 2>/dev/null || true
  for ((second = 0; second < 20; second++)); do
    [ -n "$(timeout 10 squeue --noheader 2>/dev/null)" ] || break
    sleep 1
  done
  for file in "${PIDS[@]}"; do
    ! alive "$file" || kill "$(cat "$file")" || true
  done
  # A job's own daemon may outlive a job that was ended, and SkyPilot keeps connections open.
  for signal in TERM TERM KILL; do
    for process in $(left_over); do kill -s "$signal" "$process" 2>/dev/null || true; done
    sleep 1
  done
}

status() {
  local file
  for file in "${PIDS[@]}"; do
    printf '%s %s\n' "$(basename "$file" .pid)" "$(alive "$file" && echo up || echo down)"
  done
  timeout 10 sinfo --Node --format '%N %t %c cpus %m MB %G' && timeout 10 squeue
}

case "${1:-}" in
  up | down | status) "$1" ;;
  *) stop "usage: scripts/slurm/cluster.sh up|down|status" ;;
esac
