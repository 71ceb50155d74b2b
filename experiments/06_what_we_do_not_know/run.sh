#!/usr/bin/env bash
set -euo pipefail
out=results/published/06_what_we_do_not_know
sim study influence --replications 8 --out "$out/influence.md"
sim study screen border.model=instant --trajectories 6 --replications 2 --out "$out/level"
sim study screen border.model=instant --trajectories 6 --replications 2 --effect hsi_strategy calendar.days=365 \
  --out "$out/effect"
sim study sobol border.model=instant --screen "$out/level/screen.csv" --top 8 --rows 128 --out "$out/sobol"
