#!/usr/bin/env bash
set -euo pipefail
here=$(dirname "$0")
out=results/published/05_security_waiting
for kind in none threshold; do
  sim border "$here/bridge.yaml" leniency.kind="$kind" --frontier --out "$out/$kind"
done
