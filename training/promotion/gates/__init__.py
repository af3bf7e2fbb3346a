"""The gates: each with a code, a title, full sentences and the figures it is judged by."""
