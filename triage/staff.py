"""Who works at the review desk, and in which role."""

import re
from dataclasses import dataclass
from enum import StrEnum

from triage.errors import InvalidConfiguration

# Names go into addresses of audit entries and onto terminals: no spaces, no control characters, no look-alikes.
_NAME = re.compile(r"[a-z0-9](?:[a-z0-9._@+-]{0,98}[a-z0-9])?", re.ASCII)
MAX_DISPLAY_NAME = 100


class Role(StrEnum):
    """What a member of staff may do; each role may do all that those before it may."""

    AGENT = "agent"
    SUPERVISOR = "supervisor"
    ADMINISTRATOR = "administrator"

    def covers(self, needed: "Role") -> bool:
        """Whether this role may do what needs the other one."""
        order = tuple(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Member:
    """A member of staff who is signed in.

    Attributes:
        name: tells members apart, and is what decisions are stored under.
        display_name: how others see the name; free text, never to be shown unescaped.
    """

    name: str
    display_name: str
    role: Role

    def may(self, needed: Role) -> bool:
        """Whether the member may do what needs this role."""
        return self.role.covers(needed)


def checked_name(name: str) -> str:
    """A name as it is stored: in small letters.

    Raises:
        InvalidConfiguration: it holds what no name may hold.
    """
    folded = name.strip().lower()
    if not _NAME.fullmatch(folded):
        raise InvalidConfiguration(
            "A name has 1 to 100 letters without accents, digits or . _ @ + - between them, such as 'a.petit'."
        )
    return folded


def checked_display_name(name: str) -> str:
    """A name to show: one line.

    Raises:
        InvalidConfiguration: it is empty, too long or holds control characters.
    """
    stripped = name.strip()
    if not (0 < len(stripped) <= MAX_DISPLAY_NAME and stripped.isprintable()):
        raise InvalidConfiguration(
            f"The name to show has 1 to {MAX_DISPLAY_NAME} characters, without line breaks or tabs."
        )
    return stripped
