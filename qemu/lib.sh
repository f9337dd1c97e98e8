# Shared by the scripts in this folder; sourced, never run.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C TZ=UTC
umask 022
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin

QEMU_DIR=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
REPO=$(dirname "$QEMU_DIR")
CACHE=${SUTURE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/suture}
FACTORY=${SUTURE_FACTORY:-$REPO/target/factory}
# Every file time in every image, so that equal input gives equal bytes.
EPOCH=1700000000
BLOCK_BYTES=4096
LIB_DIR=usr/lib/aarch64-linux-gnu
export SOURCE_DATE_EPOCH=$EPOCH
# The emulated machine. Its device tree is made from the same words (qemu/build-boot): what it has depends on all of them,
# even on there being a firmware.
UBOOT=/usr/lib/u-boot/qemu_arm64/u-boot.bin
MACHINE=(-M virt,gic-version=2 -cpu cortex-a53 -smp 1 -m 256 -bios "$UBOOT")
# A package cache of our own: container images switch apt's off, and then every question takes a second.
APT_OPTIONS=(-o "Dir::Cache::pkgcache=$CACHE/apt/pkgcache.bin" -o "Dir::Cache::srcpkgcache=")
mkdir -p "$CACHE/apt"

ME=${0##*/}
say() { printf 'qemu/%s: %s\n' "$ME" "$*" >&2; }
die() {
  say "$*"
  exit 1
}

# The comment at the head of the running script, between line 2 and the first other line, is its help text.
show_help() { awk 'NR > 1 { if (!/^#/) exit; sub(/^# ?/, ""); print }' "$0"; }

need_tools() {
  local tool missing=()
  for tool in "$@"; do command -v "$tool" >/dev/null || missing+=("$tool"); done
  [ ${#missing[@]} = 0 ] || die "missing tools: ${missing[*]} (run ./setup)"
}

# A scratch folder that goes when the script ends. Call once, before anything else is trapped.
make_scratch() {
  SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/suture.XXXXXX")
  trap 'rm -rf "$SCRATCH"' EXIT
}

sha256_of() { sha256sum <"$1" | cut -d' ' -f1; }

# sha256 of all arguments and of the content of the files named after a `--`.
key_of() {
  {
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
      printf '%s\0' "$1"
      shift
    done
    [ $# -le 1 ] || sha256sum "${@:2}" | cut -d' ' -f1
  } | sha256sum | cut -d' ' -f1
}

# stage NAME KEY OUTPUT COMMAND...: runs COMMAND unless it already made OUTPUT (a file or folder) from the same KEY.
stage() {
  local name=$1 key=$2 out=$3 start
  shift 3
  local stamp=$FACTORY/.stages/$name
  if [ -e "$out" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$key" ]; then
    say "$name: up to date"
    return 0
  fi
  rm -f "$stamp"
  start=$(date +%s%N)
  "$@"
  mkdir -p "${stamp%/*}"
  printf '%s\n' "$key" >"$stamp"
  say "$(printf '%s: made in %d.%d s' "$name" $((($(date +%s%N) - start) / 1000000000)) $((($(date +%s%N) - start) / 100000000 % 10)))"
}

# Makes every file time under a folder the fixed one.
fix_times() { find "$1" -exec touch -h -d "@$EPOCH" {} +; }

# Runs a command as root, or as root of a user namespace of its own: enough for chroot and for file owners in images.
as_image_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else unshare --user --map-root-user -- "$@"; fi
}

# uuid_of NAME: a fixed UUID for an image of that name.
uuid_of() {
  local h
  h=$(printf 'suture uuid v1 %s' "$1" | sha256sum)
  printf '%s-%s-4%s-8%s-%s\n' "${h:0:8}" "${h:8:4}" "${h:12:3}" "${h:15:3}" "${h:18:12}"
}

# The dm-verity salt of the image of that name.
verity_salt() { printf 'suture verity salt v1 %s' "$1" | sha256sum | cut -d' ' -f1; }

# erofs_image NAME TREE OUT [OPTION...]: a reproducible EROFS image, padded to whole blocks.
erofs_image() {
  local name=$1 tree=$2 out=$3 log size
  shift 3
  rm -f "$out"
  log=$(mkfs.erofs --quiet --all-root -x-1 -T$EPOCH -U "$(uuid_of "$name")" "$@" "$out" "$tree" 2>&1) \
    || die "mkfs.erofs for $name failed: $log"
  size=$(stat -c %s "$out")
  truncate -s $(((size + BLOCK_BYTES - 1) / BLOCK_BYTES * BLOCK_BYTES)) "$out"
}

# verity_append NAME FILE: appends the hash tree (no superblock) to FILE and prints the root hash.
verity_append() {
  local size
  size=$(stat -c %s "$2")
  veritysetup format "$2" "$2" --no-superblock --format=1 --hash=sha256 --data-block-size=$BLOCK_BYTES \
    --hash-block-size=$BLOCK_BYTES --data-blocks=$((size / BLOCK_BYTES)) --hash-offset="$size" \
    --salt="$(verity_salt "$1")" | awk '/^Root hash:/ { print $3 }' | grep -xE '[0-9a-f]{64}' \
    || die "veritysetup gave no root hash for $2"
}

# verity_root NAME FILE: prints the root hash without changing FILE.
verity_root() {
  local copy=$SCRATCH/verity.copy
  cp --reflink=auto "$2" "$copy"
  verity_append "$1" "$copy"
  rm -f "$copy"
}

# The packages of a component, from components.txt.
component_packages() {
  awk -v n="$1" '$1 == n { for (i = 2; i <= NF; i++) print $i; found = 1 } END { exit !found }' "$QEMU_DIR/components.txt" \
    || die "unknown component '$1' (see qemu/components.txt)"
}
component_names() { awk '!/^#/ && NF { print $1 }' "$QEMU_DIR/components.txt"; }
