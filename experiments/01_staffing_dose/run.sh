#!/usr/bin/env bash
# Flows without queues at `paper`, against frozen and adapting routes; waits with queues at `standard`, central set only.
# Runs are named by size, so that no comparison hangs on the order of folders.
set -euo pipefail
out=results/published/01_staffing_dose
sizes=(0 1000 2000 4000)

compared() {  # PREFIX FOLDER [OPTION ...]: all sizes against 0, then each size against the one before
  local prefix=$1 folder=$2 before=0 size step
  shift 2
  sim compare "${sizes[@]/#/results/${prefix}_}" --against "results/${prefix}_0" --out "$out/$folder/against_0" "$@"
  for size in "${sizes[@]:1}"; do
    step="compare/$folder/${before}_to_$size"
    sim compare "results/${prefix}_$size" --against "results/${prefix}_$before" --out "results/$step" "$@"
    mkdir -p "$out/$folder"
    cp "results/$step/differences.csv" "$out/$folder/${before}_to_$size.csv"
    before=$size
  done
}

for adversary in none logit; do
  for size in "${sizes[@]}"; do
    sim run run=paper name="staffing_${adversary}_$size" adversary="$adversary" levers.port_staffing.size="$size" \
      border.model=instant
  done
  compared "staffing_$adversary" "flows_$adversary"
done
for size in "${sizes[@]}"; do
  sim run run=standard run.parameter_sets=0 name="staffing_waits_$size" levers.port_staffing.size="$size"
done
compared staffing_waits waits --outcomes wait_min,person_hours_waited,trips
