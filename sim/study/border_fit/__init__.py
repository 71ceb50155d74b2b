"""Fit the border queue to reported delays; score it on crossings that the fit has not seen."""
