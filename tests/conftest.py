"""Settings of all tests."""

import os

from hypothesis import settings

# CI tries the same examples each time, so that a red run means a change; elsewhere examples are new.
settings.register_profile("ci", derandomize=True)
if os.environ.get("CI"):
    settings.load_profile("ci")
