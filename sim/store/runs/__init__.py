"""Run folders read back: manifests, records of sweeps, outcomes of many runs at once, questions in SQL."""
