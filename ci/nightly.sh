#!/bin/bash
# One night on a bench, for every CI server and for systemd: runs a suite, compares each run with the last good one, and
# leaves reports, metrics and a clean disk. Ends as "rig run" does; docs/nightly.md explains.
#
#   RIG           how to call the rig                       rig
#   RIG_SUITE     suites or scenarios, with spaces between  nightly
#   RIG_BENCH     the bench file                            bench.yaml where there is one, else the virtual bench
#   RIG_SEED      seed of every random choice               a new one each night
#   RIG_RUNS      where runs and history are kept           /var/lib/rig/runs
#   RIG_NIGHT     folder of this night, new                 $RIG_RUNS/night-<time>
#   RIG_WORSE     "warn": what got worse fails no night     fail
#   RIG_METRICS   file for the textfile collector           none
#   RIG_KEEP_DAYS nights older than this are removed        30
set -euo pipefail

read -ra rig <<<"${RIG:-rig}"
read -ra suites <<<"${RIG_SUITE:-nightly}"
runs=${RIG_RUNS:-/var/lib/rig/runs}
night=${RIG_NIGHT:-$runs/night-$(date -u +%Y-%m-%dT%H-%M-%SZ)}
history=$runs/history.db

mkdir -p "$runs"

# The rig makes the bench safe when it is told to stop, so it must be told: bash does not pass signals on.
pid=
trap '[ -z "$pid" ] || kill -TERM "$pid" 2>/dev/null || true' INT TERM HUP

options=(--out "$night" --history "$history" --report "html,junit,markdown")
[ -z "${RIG_BENCH:-}" ] || options+=(--bench "$RIG_BENCH")
[ -z "${RIG_SEED:-}" ] || options+=(--seed "$RIG_SEED")
log=$(mktemp)
"${rig[@]}" run "${suites[@]}" "${options[@]}" > >(tee "$log") &
pid=$!
status=0
wait "$pid" || status=$?
# A signal ends the waiting, not the rig.
while kill -0 "$pid" 2>/dev/null; do
  status=0
  wait "$pid" || status=$?
done
pid=

# Wrong usage leaves no runs: there is nothing to compare, and the reason was printed.
if [ ! -d "$night" ]; then
  rm -f "$log"
  exit "$status"
fi
mv "$log" "$night/night.log"
chmod 644 "$night/night.log"

folders=()
while IFS= read -r journal; do folders+=("$(dirname "$journal")"); done \
  < <(find "$night" -mindepth 1 -maxdepth 2 -name journal.jsonl | sort)

worse=0
if [ "${#folders[@]}" -gt 0 ]; then
  "${rig[@]}" compare --last-good --history "$history" "${folders[@]}" >"$night/compare.txt" || worse=$?
  cat "$night/compare.txt"
fi

{
  find "$night" -mindepth 1 -maxdepth 2 -name summary.md | sort | while IFS= read -r summary; do
    cat "$summary"
    echo
  done
  if [ -s "$night/compare.txt" ]; then
    printf '## Against the last good runs\n\n'
    sed 's/^/    /' "$night/compare.txt"
  fi
} >"$night/night.md"

# A history that cannot be shown is no reason to fail a bench that passed.
if [ -f "$history" ]; then
  shown=(--history "$history" --html "$night/history.html")
  [ -z "${RIG_METRICS:-}" ] || shown+=(--metrics "$RIG_METRICS")
  "${rig[@]}" history "${shown[@]}" || true
fi

find "$runs" -mindepth 1 -maxdepth 1 -type d -name 'night-*' -mtime "+${RIG_KEEP_DAYS:-30}" -exec rm -rf {} +

if [ "$status" -eq 0 ] && [ "$worse" -ne 0 ] && [ "${RIG_WORSE:-fail}" != warn ]; then
  exit "$worse"
fi
exit "$status"
