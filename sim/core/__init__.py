"""No domain here: units, errors, calendar, keyed draws, settings and dials."""
