"""The supervisor's page: how right the models are, what staff change, and what other thresholds would bring."""
