"""One file for each step, which is never changed once it is released."""
