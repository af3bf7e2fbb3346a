"""A page for residents: they report a fault with a photo and their position, and see live what becomes of it."""
