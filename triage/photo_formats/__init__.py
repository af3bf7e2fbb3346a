"""Readers of the formats that residents' photos come in; each judges a header before any library decodes."""
