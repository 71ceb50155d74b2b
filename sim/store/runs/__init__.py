"""Run folders read back: what a manifest says, outcomes of many runs at once, questions in SQL."""
