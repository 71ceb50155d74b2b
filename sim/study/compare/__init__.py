"""Runs held against a reference on common random numbers: differences, intervals, verdicts."""
