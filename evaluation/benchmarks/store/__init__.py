"""The alert store: look-ups among a million alerts, inserts a second, and writers that are killed."""
