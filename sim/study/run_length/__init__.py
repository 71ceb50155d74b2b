"""How long a run must be: what the start leaves behind, and how many replications an outcome needs."""
