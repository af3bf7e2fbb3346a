"""The BentoML service, its HTTP contract, authentication, batching and metrics."""
