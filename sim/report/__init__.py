"""How results are said and shown: numbers, verdicts, provenance, pages, exports."""
