"""Duplicates: how likely two alerts are about the same fault, what speaks for it, and to which cluster one belongs."""
