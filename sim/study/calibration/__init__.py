"""Calibration: parameter sets that fit the recorded seizures, and a forecast that tests them."""
