#!/bin/sh
# Makes .venv hold what a lock names. Does nothing where it does, begins anew where an installation
# was broken off or its Python is gone. For example: sh scripts/venv.sh requirements.lock
#   PYTHON   the Python to make it with, else the first of 3.11 or newer that is found
set -u

lock=$1
venv=.venv
python=$venv/bin/python
unfinished=$venv/unfinished
log=$venv/install.log

fail() {
  echo >&2
  for line in "$@"; do echo "genjin: $line" >&2; done
  exit 1
}

is_new_enough() {
  command -v "$1" >/dev/null 2>&1 &&
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

# A Python that went away, or became another version, leaves packages that it does not find.
works() {
  is_new_enough "$python" && "$python" -c 'import pip' >/dev/null 2>&1
}

is_up_to_date() {
  [ ! -e "$unfinished" ] && cmp -s "$lock" "$venv/installed/$lock" && works
}

find_python() {
  for name in ${PYTHON:-python3 python3.14 python3.13 python3.12 python3.11}; do
    if is_new_enough "$name"; then
      command -v "$name"
      return
    fi
  done
  there=$(${PYTHON:-python3} --version 2>&1) || there="none was found"
  fail "Genjin needs Python 3.11 or newer; ${PYTHON:-python3}: $there." \
    "Debian 12, Ubuntu 24.04 or newer: apt install python3 python3-venv. macOS: brew install python." \
    "Another one than python3: make run PYTHON=/path/to/python3.12"
}

# Debian keeps what makes a virtual environment in a package of its own.
ensure_venv_module() {
  "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 && return
  package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
  sh scripts/debian.sh "$package"
  "$1" -c 'import ensurepip, venv' >/dev/null 2>&1 && return
  fail "This Python cannot make a virtual environment: its modules venv and ensurepip are missing." \
    "Debian or Ubuntu: sudo apt install $package, then the same command again."
}

make_venv() {
  new=$(find_python) || exit 1
  ensure_venv_module "$new"
  if [ ! -e "$unfinished" ] && "$new" -m venv "$venv" >/dev/null 2>&1 && works; then
    return
  fi
  said=$("$new" -m venv --clear "$venv" 2>&1) && works && return
  fail "Could not make the virtual environment $PWD/$venv:" "$(echo "$said" | tail -n 1)"
}

install() {
  echo "Installing the packages of $lock into $venv; the first time takes a minute ..."
  : >"$unfinished" || fail "Cannot write to $PWD/$venv."
  trap 'exit 130' INT TERM HUP
  "$python" -m pip install --quiet --disable-pip-version-check --no-input --require-hashes \
    -r "$lock" >"$log" 2>&1
  status=$?
  # Stopped from outside, it may have left half a package: the mark stays.
  [ $status -ge 128 ] || rm -f "$unfinished"
  [ $status -eq 0 ] && return
  grep -v '^WARNING: Retrying' "$log" | tail -n 4 >&2
  fail "The packages of $lock could not be installed; $log says more." \
    "They come from the internet: is this machine online? Through a proxy: HTTPS_PROXY=... make run;" \
    "from a mirror: PIP_INDEX_URL=... make run. Then the same command again goes on from here."
}

is_up_to_date && exit 0
if [ -e "$unfinished" ] || ! works; then
  make_venv
fi
install
mkdir -p "$venv/installed"
cp "$lock" "$venv/installed/"
# The packages of the tests are those of the bot and more.
[ "$lock" = requirements-dev.lock ] && cp requirements.lock "$venv/installed/"
exit 0
