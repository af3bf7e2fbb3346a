"""What must hold of a corpus before a model is trained on it, as checks with stable codes."""
