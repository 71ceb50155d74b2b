"""Decisions: which scenario is best, do levers add up, where the money goes, when it would be seen."""
