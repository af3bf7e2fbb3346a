"""What a reporter adds to an alert that is stored."""

from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from triage.alert import AlertPhotos, AlertText, has_words, no_words


class Addition(BaseModel):
    """More words, more photos, or both.

    Attributes:
        version: that of the alert as its reporter saw it; what others added meanwhile is then not passed over.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    text: AlertText = ""
    photo: AlertPhotos = ()
    version: Annotated[int, Field(ge=1)] | None = None

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not self.photo and not has_words(self.text):
            raise no_words()
        return self
