"""Open311 GeoReport v2: what residents' apps of many cities speak, on the same alerts as `/v1/alerts`."""
