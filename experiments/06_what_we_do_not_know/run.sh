#!/usr/bin/env bash
# Both screens walk through the same points, so the second finds the baseline's side of its pairs in the store.
set -euo pipefail
out=results/published/06_what_we_do_not_know
years="border.model=instant calendar.days=365"
screen="$years --trajectories 3 --replications 1 --outcomes delivered_pure_kg"
# shellcheck disable=SC2086
{
  sim study screen $screen --out "$out/level"
  sim study screen $screen --effect hsi_strategy --without levers --out "$out/effect"
  sim study sobol $years --screen "$out/level/screen.csv" --top 12 --rows 32 --replications 2 --out "$out/sobol"
}
