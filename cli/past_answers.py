"""What the models say of past alerts, for `triage import --predict`."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from models.duplicates.finder import stored_photo
from models.photo import Picture
from models.predictor import Predictor
from triage.area import judge_place
from triage.duplicates.report import Report
from triage.errors import InvalidAlert
from triage.intake import Intake, TakenIn
from triage.past_alerts import PastAlert
from triage.places import Box
from triage.prediction import Prediction
from triage.store.records import Json, NewAlert

# As the service notes it of a photo of which it has no copy.
_NOT_KEPT: Json = {"key": None, "held": False}


@dataclass(frozen=True, slots=True)
class PastAnswers:
    """Asks the models.

    Attributes:
        predictor: the loaded bundle.
        intake: reads photos.
        area: the city.
    """

    predictor: Predictor
    intake: Intake[Picture]
    area: Box

    def complete(self, alerts: Sequence[tuple[PastAlert, NewAlert]]) -> list[NewAlert | InvalidAlert]:
        """The alerts with what the archive leaves open, and with what later ones are compared with."""
        taken = [self._take_in(past) for past, _ in alerts]
        good = [item for item in taken if isinstance(item, TakenIn)]
        batch = self.predictor.predict([item.alert for item in good], [item.pictures for item in good])
        answers = iter(zip(good, batch.predictions, batch.reports, strict=True))
        return [
            item if isinstance(item, InvalidAlert) else self._answered(new, *next(answers))
            for item, (_, new) in zip(taken, alerts, strict=True)
        ]

    def _take_in(self, past: PastAlert) -> TakenIn[Picture] | InvalidAlert:
        try:
            return self.intake.take_in(past)
        except InvalidAlert as error:
            return error

    def _answered(self, new: NewAlert, item: TakenIn[Picture], said: Prediction, report: Report) -> NewAlert:
        prediction = judge_place(said, item.alert.lat, item.alert.lon, self.area)
        finder = self.predictor.finder
        return replace(
            new,
            lat=report.lat,
            lon=report.lon,
            category=new.category or prediction.category.code,
            department=new.department or prediction.department.code,
            priority=new.priority or prediction.priority.code,
            photos=tuple(stored_photo(photo) | _NOT_KEPT for photo in report.photos),
            vector=report.vector,
            vector_version=finder.version if finder else "",
            prediction=prediction.model_dump(mode="json"),
            language=self.predictor.language(new.text),
        )
