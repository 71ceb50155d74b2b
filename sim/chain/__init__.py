"""Stations of the chain, one noun a file: its frozen settings and its SimPy process together."""
