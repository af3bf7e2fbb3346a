"""The report of an evaluation: one HTML file that needs no other, and the same figures as JSON."""
