"""Pictures for the demo, drawn by code: a street, and on it what an alert is about; no photo of anybody."""

from cli.demo.pictures.draw import KINDS, draw

__all__ = ["KINDS", "draw"]
