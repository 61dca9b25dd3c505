#!/bin/sh
# Makes .fakenos, an environment of its own for FakeNOS, which pins an older paramiko than ours; one test reads its devices.
set -eu
cd "$(dirname "$0")/.."
cmp -s requirements-fakenos.lock .fakenos/.ready && exit 0
rm -rf .fakenos
if ! .venv/bin/python -m venv .fakenos >/dev/null 2>&1; then
    rm -rf .fakenos
    [ -d .tools ] || .venv/bin/python -m pip install --quiet --disable-pip-version-check --target .tools virtualenv
    PYTHONPATH=.tools .venv/bin/python -m virtualenv --quiet .fakenos
fi
.fakenos/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-fakenos.lock
cp requirements-fakenos.lock .fakenos/.ready
