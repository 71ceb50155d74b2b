#!/usr/bin/env bash
set -euo pipefail
sim study effect chemical_outreach source_control outreach_source_control calendar.days=365 border.model=instant \
  --adversaries none,logit --replications 200 --parameter-sets 36 --out results/published/02_outreach_source_shift
