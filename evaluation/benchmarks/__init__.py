"""Benchmarks whose figures are ratios of things measured in one run on one machine."""
