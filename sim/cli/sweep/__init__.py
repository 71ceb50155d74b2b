"""Sweeps: quick composition, designs, launchers, and the table of all points."""
