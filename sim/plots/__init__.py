"""Figures: one file a family, table in and figure out.

Three arguments are the same everywhere and are explained here alone: ``title`` is what the figure says,
``source`` a sentence on where its numbers come from, for the footer, and ``info`` identifies the run.
"""
