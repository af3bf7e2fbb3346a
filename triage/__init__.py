"""The domain of alert triage, free of web frameworks and of machine learning."""
