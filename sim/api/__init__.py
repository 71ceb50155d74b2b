"""What ``import chokepoint as ck`` shows: names and numbers in, results out, without Hydra."""
