"""The sheet of the algorithm register: what the city must be able to say of this service, from the bundle in use."""
