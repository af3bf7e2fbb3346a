"""A new category from a few examples: the shipped text model goes on from where it is, and says what that cost."""
