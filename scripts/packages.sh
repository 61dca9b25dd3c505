#!/bin/sh
# Installs Debian packages that are missing, as root or with sudo; elsewhere says exactly what to install.
# Usage: packages.sh COMMAND:PACKAGE ...   (exit 0 where all commands are there, 1 where some are not)
set -u
PATH=$PATH:/usr/sbin:/sbin  # where an ordinary user's shell does not look
missing=
for pair in "$@"; do
    command -v "${pair%%:*}" >/dev/null 2>&1 || missing="$missing ${pair#*:}"
done
[ -n "$missing" ] || exit 0
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        as_root=
    elif command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
        as_root='sudo -n'
    else
        as_root=no
    fi
    if [ "$as_root" != no ]; then
        echo "正在安装：$missing / installing:$missing"
        export DEBIAN_FRONTEND=noninteractive
        # What is installed for tests and demonstrations must not start by itself as a service of this machine.
        policy=/usr/sbin/policy-rc.d
        if [ ! -e "$policy" ]; then
            trap '$as_root rm -f "$policy"' EXIT
            trap 'exit 130' INT TERM
            printf '#!/bin/sh\nexit 101\n' | $as_root tee "$policy" >/dev/null && $as_root chmod 755 "$policy"
        fi
        # shellcheck disable=SC2086  # words on purpose
        { $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1 ||
            { $as_root apt-get update -qq >/dev/null 2>&1 &&
                $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null 2>&1; }; } && exit 0
    fi
fi
echo "缺少以下软件，相关测试会跳过；请安装：apt-get install$missing" >&2
echo "missing, tests that need them are skipped; install: apt-get install$missing" >&2
exit 1
