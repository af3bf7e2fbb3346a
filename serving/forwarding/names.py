"""What the deliveries to a department are noted under."""

PREFIX = "forwarder:"


def target_name(department: str) -> str:
    """The name of a department's deliveries, whatever its channel."""
    return f"{PREFIX}{department}"


def department_of(name: str) -> str | None:
    """The department of a target; None where the target is no forwarder."""
    return name.removeprefix(PREFIX) if name.startswith(PREFIX) else None
