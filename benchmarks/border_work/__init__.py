"""The work of ``benchmarks.border``: one border, done by several tools."""
