"""The classifier of a Signalen installation: it asks here as it asks its own."""
