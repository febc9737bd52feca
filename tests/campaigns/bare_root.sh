#!/usr/bin/env bash
# The README's two commands on a bare Debian root in which there is nothing but Node: as root, with
# debootstrap, node and npm on this machine. What is committed is cloned, nothing else.
#
#   bash tests/campaigns/bare_root.sh bookworm|trixie [start|test|both] [PORT]
#
# Prints how long each takes from nothing, what the box recommends first, and the last line of the
# tests. Everything that it makes lies in one temporary folder and goes with it.
set -euo pipefail

suite=${1:?bookworm or trixie}
what=${2:-both}
port=${3:-8105}
here=$(cd "$(dirname "$0")/../.." && pwd)
version=$(sed -n 's/^ARG DENO_VERSION=//p' "$here/Dockerfile.edge")
work=$(mktemp -d)
root=$work/$suite
box=

leave() {
  status=$?
  if [ -n "$box" ]; then kill -TERM -- "-$box" 2>/dev/null || true; wait "$box" 2>/dev/null || true; fi
  umount "$root/proc" 2>/dev/null || true
  umount -R "$root/dev" 2>/dev/null || true
  # Never through a mount that is still there.
  rm -rf --one-file-system "$work"
  exit "$status"
}
trap leave EXIT

debootstrap --variant=minbase --include=ca-certificates "$suite" "$root" >"$work/debootstrap.log"
cp -L "$(command -v node)" "$root/usr/bin/node"
npm=$(npm root --global)/npm
mkdir -p "$root/usr/lib/node_modules"
cp -a "$npm" "$root/usr/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/bin/npx"
# How this machine reaches the registries.
cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
for file in /etc/ssl/certs/ca-certificates.crt /etc/apt/apt.conf.d/*; do
  if [ -f "$file" ]; then cp -L "$file" "$root$file"; fi
done
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --make-rslave "$root/dev"
git clone --quiet "$here" "$root/opt/setpoint"
sed -e "s/port: 8005/port: $port/" "$root/opt/setpoint/strategies/cement-kiln/config.yaml" \
  >"$root/opt/setpoint/strategies/cement-kiln/config.bare.yaml"

inside() {
  chroot "$root" /usr/bin/env -i HOME=/root NO_COLOR=1 PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt \
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt \
    sh -c "cd /opt/setpoint && exec $*"
}

echo "$suite: $(. "$root/etc/os-release" && echo "$PRETTY_NAME"), node $(inside node --version)"
for tool in g++ pkg-config deno python3 git curl; do
  if inside "which $tool" >/dev/null 2>&1; then echo "  $tool is there, the root is not bare"; fi
done

if [ "$what" != test ]; then
  began=$SECONDS
  set -m # a group of its own, so that the whole of it can be ended
  inside npx --yes "deno@$version" task start \
    --config strategies/cement-kiln/config.bare.yaml >"$work/start.log" 2>&1 &
  box=$!
  set +m
  until curl -sf "localhost:$port/health/ready" >/dev/null 2>&1; do
    if ! kill -0 "$box" 2>/dev/null || [ $((SECONDS - began)) -gt 1800 ]; then
      tail -40 "$work/start.log"
      echo "$suite: the box does not get ready"
      exit 1
    fi
    sleep 1
  done
  echo "$suite: task start is ready after $((SECONDS - began)) s, from nothing"
  grep -iE 'ipopt|library' "$work/start.log" || true
  for _ in $(seq 60); do
    if curl -sf "localhost:$port/recommendations/latest" >"$work/latest.json"; then break; fi
    sleep 1
  done
  echo "$suite: its first recommendation is there after $((SECONDS - began)) s"
  head -c 200 "$work/latest.json"
  echo
  kill -TERM -- "-$box"
  wait "$box" 2>/dev/null || true
  box=
  rm "$root/opt/setpoint/strategies/cement-kiln/config.bare.yaml"
fi

if [ "$what" != start ]; then
  began=$SECONDS
  status=0
  inside npx --yes "deno@$version" task test >"$work/test.log" 2>&1 || status=$?
  grep -E '^(ok|FAILED) \| ' "$work/test.log" || tail -40 "$work/test.log"
  grep -E 'FAILED|^error' "$work/test.log" | head -20 || true
  echo "$suite: task test ends with $status after $((SECONDS - began)) s"
  exit "$status"
fi
