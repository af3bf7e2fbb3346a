"""Which alerts to label first: a simulation on labelled rows whose labels are told only when asked for."""
