#!/usr/bin/env bash
# Flows without queues at `paper`, against frozen and adapting routes; waits with queues at `standard`.
set -euo pipefail
out=results/published/01_staffing_dose
for adversary in none logit; do
  sim run -m experiment=staffing_dose name="staffing_$adversary" adversary="$adversary" border.model=instant run=paper
  sim compare "results/staffing_$adversary/*" --out "$out/flows_$adversary"
done
sim run -m experiment=staffing_dose name=staffing_waits run=standard
sim compare "results/staffing_waits/*" --outcomes wait_min,person_hours_waited,trips --out "$out/waits"
