"""Training of the text model: network, fit, export."""
