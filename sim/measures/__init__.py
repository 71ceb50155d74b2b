"""Measures: outcomes from the tables of a replication, one family a file."""
