#!/bin/sh
# The main job on this very machine: collect its own answers by hand, then scan it through a real SSH server over both
# carriers under a letter made for it, judge, show findings with their proof.
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
say "巡验演示：采集并扫描本机，判定，出示证据（只读，只连本机的SSH）" "Xunyan demo: collect and scan this machine, judge, show the proof (read-only; it connects to this machine alone)"
if [ -f "$place/xunyan.toml" ]; then
    say "1. 沿用工作区 $place" "1. the workspace $place is there already"
else
    say "1. 建立工作区 $place" "1. make the workspace $place"
    "$xunyan" init "$place" >/dev/null
    : > "$place/.demo"
fi
say "2. 手工采集本机（playbooks/collect.sh）" "2. collect this machine by hand (playbooks/collect.sh)"
carried=$place/this-machine-$(date -u +%Y%m%dT%H%M%S).captures.jsonl
sh playbooks/collect.sh --unit "演示单位" > "$carried"
echo "$(wc -l < "$carried") × JSONL, $(wc -c < "$carried") bytes: $carried"
say "3. 导入并判定" "3. take in and judge"
"$xunyan" -C "$place" ingest "$carried"
. scripts/demo_sshd.sh
if start_sshd "$place"; then
    say "4. 授权书：没有它，什么也不触碰" "4. a letter of authorisation: without it nothing is touched"
    "$xunyan" -C "$place" scope show
    "$xunyan" -C "$place" scope check "127.0.0.1:$port" 127.0.0.2 || true
    target=$(uname -n)=127.0.0.1:$port
    say "5. 扫描本机：ssh 通道" "5. scan this machine: the ssh carrier"
    "$xunyan" -C "$place" scan --target "host:$target" --unit "演示单位" --carrier ssh
    say "6. 再扫一次：ansible 通道，结论应当一样" "6. once more: the ansible carrier, which must come to the same"
    "$xunyan" -C "$place" scan --target "host:$target" --unit "演示单位" --carrier ansible
    "$xunyan" -C "$place" diff
    stop_sshd
else
    say "4–6. 没有 sshd，不演示扫描（apt-get install openssh-server openssh-client）" "4-6. no sshd, so no scan is shown (apt-get install openssh-server openssh-client)"
fi
say "7. 问题" "7. findings"
"$xunyan" -C "$place" findings --all
id=$("$xunyan" -C "$place" findings --all --control domestic/cpu --format csv | sed -n 2p | cut -d, -f1)
say "8. 其中一条的证据和依据（xunyan show $id）" "8. the proof and basis of one of them (xunyan show $id)"
"$xunyan" -C "$place" show "$id"
say "9. 没看到的" "9. what was not seen"
"$xunyan" -C "$place" coverage
say "10. 指标" "10. rates"
"$xunyan" -C "$place" metrics
say "接下来可以试" "what to try next"
cat <<END
  . .venv/bin/activate
  xunyan -C $place observations
  xunyan -C $place scope show; xunyan -C $place runs
  xunyan collector > collect.sh   # sh collect.sh --asset host:web01 > web01.captures.jsonl
  xunyan -C $place ingest web01.captures.jsonl
  xunyan -C $place diff
END
