#!/bin/sh
# Makes .venv with everything locked. Needs Python 3.11 or newer and pip; nothing else.
set -eu
cd "$(dirname "$0")/.."
python=
for candidate in "${PYTHON:-python3}" python3.13 python3.12 python3.11; do
    if command -v "$candidate" >/dev/null 2>&1 &&
        "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
        python=$candidate
        break
    fi
done
if [ -z "$python" ]; then
    echo "需要 Python 3.11 或更高版本：apt-get install python3 python3-pip" >&2
    echo "Python 3.11 or newer is needed: apt-get install python3 python3-pip" >&2
    exit 1
fi
if [ ! -x .venv/bin/python ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    rm -rf .venv
    # Debian ships venv apart from Python; where it is missing, pip alone is enough to bring virtualenv.
    if ! "$python" -m venv .venv >/dev/null 2>&1; then
        rm -rf .venv .tools
        if ! "$python" -m pip install --quiet --target .tools virtualenv; then
            echo "建不了虚拟环境，请先安装：apt-get install python3-venv（或 python3-pip）" >&2
            echo "no virtual environment can be made; install: apt-get install python3-venv (or python3-pip)" >&2
            exit 1
        fi
        PYTHONPATH=.tools "$python" -m virtualenv --quiet .venv
    fi
fi
echo "正在安装锁定的依赖…… / installing the locked dependencies ..."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
touch .venv/.ready
