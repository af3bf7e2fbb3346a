"""The place of an alert: a sketch drawn to scale and, where a city wants it, map tiles behind it."""
