#!/bin/sh
# Two demonstrations: this very machine, scanned through a real SSH server over both carriers under a letter made for it;
# then a small division with its truth known, raised, scanned and compared (xunyan demo).
set -eu
cd "$(dirname "$0")/.."
xunyan=$PWD/.venv/bin/xunyan
say() { if [ "${XUNYAN_LANG:-zh}" = en ]; then printf '\n== %s\n' "$2"; else printf '\n== %s\n' "$1"; fi; }
place=${XUNYAN_DEMO:-demo-workspace}
if [ -e "$place" ] && [ ! -f "$place/.demo" ]; then
    echo "$place 已存在且不是演示工作区，不动它；用 XUNYAN_DEMO=别的文件夹 make demo" >&2
    echo "$place exists and is no demo workspace; use XUNYAN_DEMO=OTHER make demo" >&2
    exit 2
fi
sh scripts/lab_packages.sh || true
if [ "${XUNYAN_LANG:-zh}" = en ]; then
    cat <<'END'

Xunyan in two parts, about a minute; read-only, nothing outside this machine is connected to.
  One. This machine: collected by hand and scanned over ssh and ansible through a real sshd. Three ways, one answer.
  Two. A small division: real hosts on a network of their own, with mistakes and faults; every finding is held against
       the known truth, every packet against the letters. Then a report and an evidence package.
END
else
    cat <<'END'

巡验演示，分两段，约一分钟；全程只读，不连本机以外的任何地址。
  一、本机：手工采集一遍，再经真的sshd用ssh和ansible两种通道各扫一遍，三次结论应当一样。
  二、一个小的师市：本机上立起真实的主机和网络，有台账错误，有各种毛病；扫描之后，每条结论与已知的真相比对，
      每个数据包与授权书核对；最后出报告，打证据包。
END
fi
if [ -f "$place/xunyan.toml" ]; then
    say "一之1. 沿用工作区 $place" "1.1 the workspace $place is there already"
else
    say "一之1. 建立工作区 $place" "1.1 make the workspace $place"
    "$xunyan" init "$place" >/dev/null
    : > "$place/.demo"
fi
say "一之2. 手工采集本机（playbooks/collect.sh），导入并判定" "1.2 collect this machine by hand (playbooks/collect.sh), take in and judge"
carried=$place/this-machine-$(date -u +%Y%m%dT%H%M%S).captures.jsonl
sh playbooks/collect.sh --unit "演示单位" > "$carried"
echo "$(wc -l < "$carried") × JSONL, $(wc -c < "$carried") bytes: $carried"
"$xunyan" -C "$place" ingest "$carried"
. scripts/demo_sshd.sh
if start_sshd "$place"; then
    say "一之3. 授权书：没有它，什么也不触碰" "1.3 a letter of authorisation: without it nothing is touched"
    "$xunyan" -C "$place" scope show
    "$xunyan" -C "$place" scope check "127.0.0.1:$port" 127.0.0.2 || true
    target=$(uname -n)=127.0.0.1:$port
    say "一之4. 扫描本机：ssh 通道" "1.4 scan this machine: the ssh carrier"
    "$xunyan" -C "$place" scan --target "host:$target" --unit "演示单位" --carrier ssh
    say "一之5. 再扫一次：ansible 通道，结论应当一样" "1.5 once more: the ansible carrier, which must come to the same"
    "$xunyan" -C "$place" scan --target "host:$target" --unit "演示单位" --carrier ansible
    "$xunyan" -C "$place" diff
    stop_sshd
else
    say "没有 sshd，不演示扫描（apt-get install openssh-server openssh-client）" "no sshd, so no scan is shown (apt-get install openssh-server openssh-client)"
    exit 1
fi
id=$("$xunyan" -C "$place" findings --all --control domestic/cpu --format csv | sed -n 2p | cut -d, -f1)
say "一之6. 一条结论的证据和依据（xunyan show $id）" "1.6 the proof and basis of one verdict (xunyan show $id)"
"$xunyan" -C "$place" show "$id"
say "二、小的师市（xunyan demo）" "Two. A small division (xunyan demo)"
exec "$xunyan" demo "$@"
