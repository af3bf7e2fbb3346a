"""What machine a benchmark ran on."""


def where_measured() -> dict[str, object]:
    """Date and machine: absolute times say nothing without them."""
    import os
    import platform
    from datetime import UTC, datetime

    return {
        "measured_on": datetime.now(UTC).date().isoformat(),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
    }
