"""Finds faces, persons, number plates and vehicles in a picture, and blurs what could tell who was there."""

from models.privacy.blur import blur
from models.privacy.detector import PART, PrivacyDetector
from models.privacy.regions import Kind, Region

__all__ = ["PART", "Kind", "PrivacyDetector", "Region", "blur"]
