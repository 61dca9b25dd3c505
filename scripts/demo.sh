#!/bin/sh
# The main job on this very machine: collect its own answers, take them in, judge, show findings with their proof.
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
say "巡验演示：采集本机，导入，判定，出示证据（只读，不联网）" "Xunyan demo: collect this machine, take it in, judge, show the proof (read-only, no network)"
if [ -f "$place/xunyan.toml" ]; then
    say "1. 沿用工作区 $place" "1. the workspace $place is there already"
else
    say "1. 建立工作区 $place" "1. make the workspace $place"
    "$xunyan" init "$place" >/dev/null
    : > "$place/.demo"
fi
say "2. 采集本机（playbooks/collect.sh）" "2. collect this machine (playbooks/collect.sh)"
carried=$place/this-machine-$(date -u +%Y%m%dT%H%M%S).captures.jsonl
sh playbooks/collect.sh --unit "演示单位" > "$carried"
echo "$(wc -l < "$carried") × JSONL, $(wc -c < "$carried") bytes: $carried"
say "3. 导入并判定" "3. take in and judge"
"$xunyan" -C "$place" ingest "$carried"
say "4. 问题" "4. findings"
"$xunyan" -C "$place" findings --all
id=$("$xunyan" -C "$place" findings --all --control domestic/cpu --format csv | sed -n 2p | cut -d, -f1)
say "5. 其中一条的证据和依据（xunyan show $id）" "5. the proof and basis of one of them (xunyan show $id)"
"$xunyan" -C "$place" show "$id"
say "6. 没看到的" "6. what was not seen"
"$xunyan" -C "$place" coverage
say "7. 指标" "7. rates"
"$xunyan" -C "$place" metrics
say "接下来可以试" "what to try next"
cat <<END
  . .venv/bin/activate
  xunyan -C $place observations
  xunyan collector > collect.sh   # sh collect.sh --asset host:web01 > web01.captures.jsonl
  xunyan -C $place ingest web01.captures.jsonl
  xunyan -C $place diff
END
