"""Pages of numbers: every parameter with its source, and assumptions in the order of their influence."""
