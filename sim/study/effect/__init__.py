"""Effects of scenarios against a baseline on common random numbers, over a panel of adversaries."""
