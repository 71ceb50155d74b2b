"""Reported delays, and the lanes and entries of the time in which they were reported."""
