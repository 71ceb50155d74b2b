#!/usr/bin/env bash
set -euo pipefail
here=$(dirname "$0")
out=results/published/03_strategy_parts
sim study effect hsi_strategy \
  port_staffing scanning targeting chemical_outreach source_control \
  partner_units investigators financial_crime_center cyber southbound \
  calendar.days=365 border.model=instant --adversaries none --replications 200 --out "$out"
python "$here/sum_of_parts.py" "$out" results
