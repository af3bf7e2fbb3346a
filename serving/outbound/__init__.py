"""Events leave: to each target in order per alert and at least once, or to whoever listens to the stream."""
