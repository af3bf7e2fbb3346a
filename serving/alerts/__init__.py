"""The alerts' own routes: stored, read, listed, closed."""
