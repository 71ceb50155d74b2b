"""A single crossing that the user invents, with or without loads among its traffic."""
