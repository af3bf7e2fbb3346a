"""Builds the bundle part `detectors/` from published packages: fetched, verified, converted, made small."""

from training.detectors.build import build_detectors

__all__ = ["build_detectors"]
