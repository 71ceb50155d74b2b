"""A border of one crossing that a user invents: what goes in, its replications, and what comes out.

It stands at the height of a study, above the rooms of the queue, of intervals, tables and figures: it
needs all of them, and nothing below needs it.
"""
