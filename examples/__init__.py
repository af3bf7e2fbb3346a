"""Programs that use the service as others would."""
