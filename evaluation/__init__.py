"""Measures what predicts: metrics, baselines, reports and benchmarks."""
