#!/bin/sh
# Installs Debian packages where that needs nobody's password: as root, or by sudo without one.
# Elsewhere it changes nothing and ends with status 1. For example: sh scripts/debian.sh chromium
set -u

command -v apt-get >/dev/null 2>&1 || exit 1
if [ "$(id -u)" -eq 0 ]; then
  may=env
elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
  may="sudo -n env"
else
  exit 1
fi

apt() {
  $may DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 "$@" </dev/null
}

echo "Installing $* with apt-get ..."
log=$(mktemp) || exit 1
trap 'rm -f "$log"' EXIT
# A list that could not be renewed is no reason to give up: another may have the package.
apt update >"$log" 2>&1
if ! apt install -y --no-install-recommends "$@" >>"$log" 2>&1; then
  echo "apt-get could not install $*:" >&2
  tail -n 3 "$log" >&2
  exit 1
fi
