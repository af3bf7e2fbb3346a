"""The registered model in MLflow: versions that anybody can run, and the aliases `champion` and `challenger`."""
