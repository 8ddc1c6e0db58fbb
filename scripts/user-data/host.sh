#!/bin/bash
# One host of check:user-data, from its boot to its end: a disk over a root folder, booted with the network of another process. Run by
# host.ts in a space of mounts of its own, so that no mount is left behind; of what else it makes it removes what it made.
#
# host.sh ROOT DISK NETWORK NAME: ROOT the root folder, only read; DISK has upper/ (what the host wrote), work/ and root/; NETWORK the
# process whose network it gets; NAME of the machine.
#
# At SIGTERM the host's plug is pulled. Exit code: that of systemd-nspawn.
set -euo pipefail
root=$1 disk=$2 network=$3 name=$4

# nspawn leaves its control groups behind: here they lie in some of this host's own
groups=()
while IFS=: read -r _ hierarchy place; do
  case $hierarchy in
    "") mount=$(findmnt --noheadings --first-only --output TARGET --types cgroup2) ;;
    name=systemd) mount=$(findmnt --noheadings --first-only --output TARGET --types cgroup --options name=systemd) ;;
    *) continue ;;
  esac
  groups+=("${mount%/}${place%/}/$name")
done < /proc/self/cgroup
remove_groups() {
  for group in "${groups[@]}"; do
    # what was killed may not be gone yet
    for _ in {1..100}; do
      if [ ! -d "$group" ] || find "$group" -depth -type d -exec rmdir {} + 2> /dev/null; then break; fi
      sleep 0.1
    done
  done
}
trap remove_groups EXIT
mkdir "${groups[@]}"

# what nspawn keeps of its machines
mount -t tmpfs tmpfs /run
mount -t overlay overlay -o "lowerdir=$root,upperdir=$disk/upper,workdir=$disk/work" "$disk/root"

(
  for group in "${groups[@]}"; do echo "$BASHPID" > "$group/cgroup.procs"; done
  exec setpriv --pdeathsig KILL systemd-nspawn --quiet --boot --directory="$disk/root" --machine="$name" --register=no --keep-unit \
    --network-namespace-path="/proc/$network/ns/net" --link-journal=no --resolv-conf=off --timezone=off --console=pipe
) < /dev/null &
nspawn=$!
pull_plug() {
  # with its first process the host ends, and then nspawn, which would leave it alive if it were killed itself
  local processes
  processes=$(cat "/proc/$nspawn/task/$nspawn/children" 2> /dev/null || true)
  # shellcheck disable=SC2086
  kill -KILL ${processes:-$nspawn} || true
}
trap pull_plug TERM
code=0
wait "$nspawn" || code=$?
# a signal ends the first wait, and the host a moment later
while kill -0 "$nspawn" 2> /dev/null; do
  code=0
  wait "$nspawn" || code=$?
done
exit "$code"
