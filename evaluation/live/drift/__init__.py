"""Drift: whether the alerts that come in still resemble those that a bundle was checked on."""
