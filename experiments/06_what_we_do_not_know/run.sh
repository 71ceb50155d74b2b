#!/usr/bin/env bash
# Both screens walk through the same points, so the second finds the baseline's side of its pairs in the store.
# The split has draws of its own (another seed): the screen that chose the five must not lend them its luck.
set -euo pipefail
out=results/published/06_what_we_do_not_know
years="border.model=instant calendar.days=365 --replications 2"
# The numbers of the table in docs/assumptions.md.
numbers="chain.producer.lab_utilization,\
chain.producer.product_cover_days,\
chain.off_port.between_ports.detection_prob,\
chain.producer.recovery_days,\
border.screening.modes.passenger.scan_target_share,\
chain.investigation.kinds.load_seizure.success_prob,\
chain.investigation.case_days,\
chain.producer.batch_days,\
chain.market.supply_elasticity,\
chain.load.crew_recovery_days,\
border.screening.modes.passenger.find_prob,\
chain.load.crews,\
chain.producer.clusters.sinaloa.labs,\
border.screening.modes.pedestrian.scan_target_share,\
chain.producer.clusters.independents.share,\
border.screening.modes.passenger.layers.officer.sensitivity,\
border.screening.modes.passenger.layers.canine.sensitivity,\
border.screening.modes.passenger.layers.canine.coverage,\
chain.load.gross_kg.mail,\
chain.investigation.patience_days,\
chain.firearms.per_year,\
border.screening.modes.passenger.layers.scanner.coverage,\
chain.firearms.rings,\
border.screening.modes.passenger.layers.officer.coverage,\
chain.intelligence.reports_per_case,\
chain.investigation.kinds.arms_seizure.success_prob"
screen="$years --trajectories 10 --outcomes delivered_pure_kg --over $numbers"
# shellcheck disable=SC2086
{
  sim study screen $screen --out "$out/level"
  sim study screen $screen --effect hsi_strategy --out "$out/effect"
  sim study sobol $years --screen "$out/level/screen.csv" --top 5 --grouped --rows 128 --seed 2 --out "$out/sobol"
}
