"""Figures that a running service shows: numpy alone, so that nothing more is installed where it serves."""
