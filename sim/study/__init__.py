"""Studies: questions that need many scenarios."""
