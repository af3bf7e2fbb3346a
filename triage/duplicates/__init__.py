"""Which alerts are about the same fault: where to look, what speaks for it and against it, and how clusters grow."""
