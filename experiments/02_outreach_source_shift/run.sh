#!/usr/bin/env bash
set -euo pipefail
sim study effect chemical_outreach source_control outreach_source_control --adversaries none,logit \
  calendar.days=365 border.model=instant --replications 200 --parameter-sets 36 \
  --out results/published/02_outreach_source_shift
