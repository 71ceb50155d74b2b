#!/usr/bin/env bash
set -euo pipefail
out=results/published/03_strategy_parts
sim study synergy port_staffing scanning source_control partner_units --sizes hsi_strategy \
  calendar.days=365 border.model=instant --replications 200 --out "$out/synergy"
sim study effect hsi_strategy port_staffing scanning source_control partner_units --adversaries none,logit \
  calendar.days=365 border.model=instant --replications 200 --parameter-sets 36 --out "$out/effect"
