"""`triage bench backfill`."""

import os
import tempfile
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.bench.options import AsJson, Bundle, Corpus

if TYPE_CHECKING:
    from cli.backfill.run import Plan
    from cli.backfill.scoring import Scorer

# Short parts, so that a run of a minute has many; an archive's own are longer and cost less.
_ROWS_PER_PART = 250
_TARGET = 0.85


@dataclass(frozen=True, slots=True)
class BackfillFigures:
    """Rows a second through Ray and in a plain loop with one thread; `ratio` is the one by the other."""

    rows: int
    workers: int
    loop_rows_per_s: float
    backfill_rows_per_s: float
    ratio: float
    ratio_per_worker: float
    other_s: float


def backfill(
    bundle: Bundle = None,
    corpus: Corpus = Path("datasets/corpus"),
    rows: Annotated[int, typer.Option(min=200, max=1_000_000, help="Rows of the archive.")] = 8_000,
    workers: Annotated[int | None, typer.Option(min=1, help="Workers; one for each core by default.")] = None,
    as_json: AsJson = False,
) -> None:
    """`triage backfill` on every core of this machine against a loop in one process with one thread.

    The loop neither reads nor writes files. It runs before and after, and the mean of both counts, since other work on
    the machine comes and goes.

    Example: triage bench backfill --rows 20000
    """
    import json

    from triage.settings import load_settings

    # Ray's workers give way to everything else, which suits a bulk job and would spoil the comparison.
    os.environ.update({"RAY_worker_niceness": "0"})
    settings = load_settings(bundle)
    with tempfile.TemporaryDirectory(prefix="triage-") as folder:
        figures = _measured(Path(folder), settings.bundle, corpus, rows, workers)
    if as_json:
        typer.echo(json.dumps(asdict(figures), indent=2))
        return
    typer.echo(
        f"loop in one process, one thread   {figures.loop_rows_per_s:,.0f} rows a second\n"
        f"triage backfill, {figures.workers} workers        {figures.backfill_rows_per_s:,.0f} rows a second:"
        f" {figures.ratio:.2f} times the loop, {figures.ratio_per_worker:.2f} a worker (target at least {_TARGET})\n"
        f"start, models, end                {figures.other_s:.0f} s beside it"
    )


def _measured(folder: Path, bundle: Path, corpus: Path, rows: int, workers: int | None) -> BackfillFigures:
    from cli.backfill.run import Request, make_plan, run
    from cli.backfill.scoring import Scorer
    from cli.backfill.terminal import bar
    from triage.settings import Settings

    archive = folder / "archive.parquet"
    _write_archive(archive, _texts(corpus, bundle, rows))
    request = Request(str(archive), str(folder / "answers"), rows_per_part=_ROWS_PER_PART)
    with bar() as show:
        plan = make_plan(request, bundle, Settings(bundle=bundle))
        scorer = Scorer(plan.job)
        show("loop", 0, plan.rows)
        before = _loop(scorer, plan)
        started = time.perf_counter()
        summary = run(plan, show, address=None, workers=workers, fresh=False)
        whole = time.perf_counter() - started
        show("loop", plan.rows, plan.rows)
        after = _loop(scorer, plan)
    loop, found = (before + after) / 2, summary.rows_per_s
    return BackfillFigures(
        rows=summary.rows,
        workers=summary.workers,
        loop_rows_per_s=round(loop, 1),
        backfill_rows_per_s=round(found, 1),
        ratio=round(found / loop, 3),
        ratio_per_worker=round(found / loop / summary.workers, 3),
        other_s=round(whole - summary.rows / found, 1),
    )


def _texts(corpus: Path, bundle: Path, count: int) -> list[str]:
    from models.bundle import TAXONOMY
    from triage.corpus import read_corpus
    from triage.taxonomy import load_taxonomy

    # By the ends of their ids, which mixes authors and lengths.
    found = sorted(read_corpus(corpus, load_taxonomy(bundle / TAXONOMY)), key=lambda row: row.id[::-1])
    return [found[number % len(found)].masked_text for number in range(count)]


def _write_archive(path: Path, texts: Sequence[str]) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    pq.write_table(pa.table({"id": [f"bench-{number}" for number in range(len(texts))], "text": texts}), path)


def _loop(scorer: "Scorer", plan: "Plan") -> float:
    """Rows a second over an eighth of the archive, spread over it; the first part only warms up."""
    chosen = [list(plan.job.archive.rows(part)) for part in plan.parts[::8]]
    scorer.answer(chosen[0])
    started = time.perf_counter()
    for part in chosen:
        scorer.answer(part)
    return sum(map(len, chosen)) / (time.perf_counter() - started)
