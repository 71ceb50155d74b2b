"""What the stations share: context, hazards, leads, choices, records, recoverable units."""
