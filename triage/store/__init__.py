"""The alert store: alerts, predictions, reviews, clusters of duplicates and events, in SQLite or PostgreSQL."""
