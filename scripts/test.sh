#!/bin/sh
# Everything that must hold: style, types, layers, tests. The same here and in CI.
set -eu
unset PYTHONUNBUFFERED  # people run the product without it
cd "$(dirname "$0")/.."
sh scripts/packages.sh dash:dash busybox:busybox shellcheck:shellcheck strace:strace setpriv:util-linux ip:iproute2 ss:iproute2 \
    sshd:openssh-server ssh:openssh-client openssl:openssl perl:perl-base dnsmasq:dnsmasq-base \
    chromium:chromium pdftotext:poppler-utils snmpget:snmp ipmitool:ipmitool || true
sh scripts/lab_packages.sh || true
# A font is no command: the second name is never there, so that the package is installed where no font is.
fc-list :lang=zh 2>/dev/null | grep -q . || sh scripts/packages.sh fc-list:fontconfig xunyan-no-such-font:fonts-noto-cjk || true
sh scripts/fakenos.sh || echo "没有 FakeNOS，跳过它的测试 / no FakeNOS: its tests are skipped" >&2
bin=.venv/bin
echo "== ruff"
$bin/ruff check .
$bin/ruff format --check --quiet .
echo "== mypy"
$bin/mypy
echo "== import-linter"
$bin/lint-imports --no-cache >/tmp/xunyan-layers.$$ || { cat /tmp/xunyan-layers.$$; rm -f /tmp/xunyan-layers.$$; exit 1; }
tail -n 4 /tmp/xunyan-layers.$$
rm -f /tmp/xunyan-layers.$$
echo "== pytest"
exec $bin/pytest -n "${XUNYAN_TEST_PROCESSES:-2}" --dist worksteal "$@"
