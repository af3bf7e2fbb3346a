"""The review desk's own rules: who waits, in which order, and which labels look wrong."""
