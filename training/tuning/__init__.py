"""Tuning: which choices of a text run score best on validation, and which of them mattered."""
