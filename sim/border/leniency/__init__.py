"""Leniency: how officers shorten primary and refer less when the line is long. One rule per file."""
