#!/usr/bin/env bash
set -euo pipefail
out=results/published/04_surge_announced
surge="levers.surge.size=1500 levers.surge.start=2021-10-01 levers.surge.end=2022-10-01 border.model=instant"
for adversary in none logit bandit; do
  for way in "even levers.surge.rotation_days=null" \
             "turns levers.surge.rotation_days=7" \
             "announced levers.surge.rotation_days=7 levers.surge.announced=true"; do
    read -r name changes <<< "$way"
    # shellcheck disable=SC2086
    sim run run=paper adversary="$adversary" name="surge_${adversary}_$name" $surge $changes
  done
  sim compare "results/surge_${adversary}_announced" "results/surge_${adversary}_turns" \
    "results/surge_${adversary}_even" --out "$out/$adversary"
done
