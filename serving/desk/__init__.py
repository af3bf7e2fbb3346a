"""The review desk: pages on which staff answer what the model is unsure of."""
