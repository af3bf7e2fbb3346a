"""What a folder of models says: which bundle is champion or challenger, who made it so and why, and what was before."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, FiniteFloat, StringConstraints
from pydantic_core import PydanticCustomError

from models.bundle import Sha256


def _no_file(value: str) -> str:
    if value.endswith((".json", ".jsonl")):
        raise PydanticCustomError("file_name", "ends as a file of the folder does")
    return value


# A version names a folder beside `champion.json`: it leads nowhere else and hides nowhere.
Version = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"), AfterValidator(_no_file)]
Who = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=2000)]


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Promotion(_Frozen):
    """What `champion.json` says.

    Attributes:
        version: the folder of the bundle, named as its manifest does.
        bundle_sha256: its digest, so that nobody puts another one in its place.
        promoted_at: since when it is champion.
        by: who made it so.
        why: what they gave as their reason.
        previous: the champion that a rollback returns to.
    """

    version: Version
    bundle_sha256: Sha256
    promoted_at: datetime
    by: Who
    why: Reason = ""
    previous: Version | None = None


class Challenger(_Frozen):
    """What `challenger.json` says: a bundle that answers a share of the alerts beside the champion, unheard."""

    version: Version
    bundle_sha256: Sha256
    share: FiniteFloat = Field(gt=0, le=1)
    since: datetime
    by: Who
    why: Reason = ""


class GateNote(_Frozen):
    """What one gate said, as the history keeps it."""

    code: str
    title: str
    status: Literal["pass", "fail", "skipped", "forced"]
    message: str
    values: dict[str, float | None] = {}


class Event(StrEnum):
    """What happened in a folder of models."""

    PROMOTED = "promoted"
    ROLLED_BACK = "rolled_back"
    REFUSED = "refused"
    SHADOWED = "shadowed"
    SHADOW_ENDED = "shadow_ended"


class HistoryEntry(_Frozen):
    """One line of `history.jsonl`; `version` is the one that the event is about, `previous` the champion before it."""

    at: datetime
    event: Event
    version: Version
    bundle_sha256: Sha256
    by: Who
    why: Reason = ""
    previous: Version | None = None
    run_id: str | None = None
    gates: tuple[GateNote, ...] = ()
