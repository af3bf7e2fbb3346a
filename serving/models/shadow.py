"""A challenger answers some of the stored alerts in the background: nobody hears it, and no request waits for it."""

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime

from models.bundle import Bundle
from models.promotions import Challenger
from serving.background import BackgroundTask
from serving.batching import BatchQueue, CheckedAlert, PredictFunction
from serving.metrics import Metrics
from serving.problems import Problem
from serving.storage import StoreDoor, Work
from triage.prediction import Prediction
from triage.store.personal import PersonalKeys
from triage.store.records import Json
from triage.store.shadow import ShadowAnswer
from triage.taxonomy import HEADS

MAX_WAITING = 256
# Few enough to be written in a moment, for requests write in turn with them.
MAX_WRITTEN = 32
# How long it waits when requests are there.
PAUSE_S = 0.02
_DRAWS = "shadow draws 1"

logger = logging.getLogger("triage.serving")


@dataclass(frozen=True, slots=True)
class Trial:
    """A challenger that is loaded.

    Attributes:
        named: who let it answer which share of the alerts, and why.
        bundle: what it is.
        predict: asks it.
        photo_size: side of the pictures that it reads; None where it reads none.
    """

    named: Challenger
    bundle: Bundle
    predict: PredictFunction
    photo_size: int | None = None

    def reads(self, item: CheckedAlert) -> bool:
        """Whether the pictures that were made for the champion are such as it reads."""
        shown = [picture for picture in item.pictures if picture is not None]
        return self.photo_size is None or all(len(picture) == self.photo_size for picture in shown)


@dataclass(frozen=True, slots=True)
class _Offered:
    item: CheckedAlert
    answer: Json


class Shadow:
    """Asks the challenger when no request waits for a model, and keeps what it says.

    What does not fit into its queue is dropped: a sample is no promise, and alerts that wait would cost memory.

    Args:
        queue: of the requests.
        door: where the answers are kept.
        keys: draw the alerts, so that whoever sends them cannot choose which.
        metrics: counts answers and what was dropped.
        clock: tells the time of answers.
    """

    def __init__(
        self,
        queue: BatchQueue,
        door: StoreDoor,
        keys: PersonalKeys,
        metrics: Metrics,
        clock: Callable[[], datetime],
    ) -> None:
        self._requests = queue
        self._door = door
        self._secret = keys.secret_for(_DRAWS)
        self._metrics = metrics
        self._clock = clock
        self._waiting: asyncio.Queue[_Offered] = asyncio.Queue(MAX_WAITING)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="shadow")
        self._task = BackgroundTask(self._run, "shadow")
        self.trial: Trial | None = None

    def start(self) -> None:
        """Begin to answer, on the event loop of the server."""
        self._task.start()

    async def stop(self) -> None:
        """Drop what waits."""
        await self._task.stop()
        self._thread.shutdown(wait=False, cancel_futures=True)

    def try_out(self, trial: Trial | None) -> None:
        """Ask another challenger from now on, or none."""
        self.trial = trial
        self._metrics.show_challenger(trial.bundle.manifest.version if trial else None)

    def offer(self, item: CheckedAlert, answer: Json) -> None:
        """Let the challenger answer an alert, if it is drawn; takes no time.

        Args:
            item: the alert.
            answer: the champion's, as it was stored.
        """
        trial = self.trial
        if trial is None or self._draw(trial, item.alert.id) >= trial.named.share:
            return
        if not trial.reads(item) or self._waiting.full():
            self._metrics.shadow_dropped.inc()
            return
        # Photos as they were sent take megabytes; what is read of them is in the pictures.
        bare = replace(item, alert=item.alert.model_copy(update={"photo": ()}), images=())
        self._waiting.put_nowait(_Offered(bare, answer))

    async def _run(self) -> None:
        while True:
            batch = [await self._waiting.get()]
            while len(batch) < MAX_WRITTEN and not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            try:
                await self._answer(batch)
            except Problem:
                self._metrics.shadow_dropped.inc(len(batch))  # the door to the store has said why
            except Exception as error:  # a challenger that fails must not end those after it
                self._metrics.shadow_dropped.inc(len(batch))
                # The traceback may quote texts.
                logger.warning("the challenger could not answer (%s)", type(error).__name__)

    async def _answer(self, batch: Sequence[_Offered]) -> None:
        trial, loop = self.trial, asyncio.get_running_loop()
        if trial is None:
            return
        answers: list[ShadowAnswer] = []
        for offered in batch:
            while not self._requests.is_idle:
                await asyncio.sleep(PAUSE_S)
            item = offered.item
            found = await loop.run_in_executor(self._thread, trial.predict, [item.alert], [item.pictures])
            answers.append(self._beside(offered.answer, found.predictions[0]))
        await self._door.run(Work.WRITE, lambda store: store.add_shadow_answers(answers))
        for answer in answers:
            self._metrics.shadow_answers.labels("yes" if answer.differs else "no").inc()

    def _beside(self, champion: Json, challenger: Prediction) -> ShadowAnswer:
        return ShadowAnswer(
            alert_id=challenger.id,
            at=self._clock(),
            champion_sha256=champion["model"]["bundle_sha256"],
            challenger_sha256=challenger.model.bundle_sha256,
            champion=_short(champion),
            challenger=_short(challenger.model_dump(mode="json")),
        )

    def _draw(self, trial: Trial, alert_id: str) -> float:
        """A number from 0 to below 1, as good as random, the same for the same challenger and alert."""
        content = f"{trial.bundle.sha256} {alert_id}".encode("utf-8", "surrogatepass")
        return int.from_bytes(hmac.digest(self._secret, content, hashlib.sha256)[:6], "big") / 2**48


def _short(answer: Json) -> Json:
    heads = {head: {name: answer[head][name] for name in ("code", "confidence")} for head in HEADS}
    return heads | {"decision": answer["decision"]}
