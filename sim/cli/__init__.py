"""The command: the only room that knows Hydra and the only one that prints."""
