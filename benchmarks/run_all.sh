#!/usr/bin/env bash
# Measures all that docs/benchmarks.md says, and writes it. It takes hours, on a machine that has
# nothing else to do. To try it out: REPEATS=1 FRAMES=12 RESULTS=/tmp/r PAGE=/tmp/p.md run_all.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-.venv/bin/python}
results=${RESULTS:-benchmarks/results}
page=${PAGE:-docs/benchmarks.md}
repeats=(--repeats "${REPEATS:-3}")
frames=(${FRAMES:+--frames "$FRAMES"})

measure() {
    printf '\n== %s\n' "$*" >&2
    "$python" "benchmarks/$1" "${@:2}" "${repeats[@]}"
}

measure compare.py "${frames[@]}" --csv "$results/compare-defaults.csv"
measure compare.py "${frames[@]}" --presets same --csv "$results/compare-same.csv"
measure compare.py "${frames[@]}" --redraw full --tools ours peer --csv "$results/compare-full.csv"
measure compare.py --workloads wave --frames 60 --tools ours peer --csv "$results/compare-cold.csv"
measure plain.py "${frames[@]}" --csv "$results/plain.csv"
measure redraw.py "${frames[@]}" --csv "$results/redraw.csv"
measure scaling.py "${frames[@]}" --tools ours peer --csv "$results/scaling.csv"
measure limits.py --csv "$results/limits.csv"
measure startup.py ${FRAMES:+--chunk "$FRAMES"} \
    --csv "$results/startup.csv" --job-csv "$results/job.csv"
"$python" benchmarks/report.py --results "$results" --page "$page"
