"""Designs of experiments: which values a sweep tries, as data in ``conf/experiment``."""
