"""Figures: one file a family, table in and figure out; the page of a run; PNG and SVG copies."""
