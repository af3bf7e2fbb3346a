"""`triage promote`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.model_folder import AsJson, By, Models

if TYPE_CHECKING:
    from collections.abc import Sequence

    from models.folder import ModelFolder
    from models.predictor import Predictor
    from training.promotion.contest import Contest
    from training.promotion.gate import GateResult
    from training.promotion.order import Decision, Order
    from training.promotion.preparation import Sources


def promote(
    challenger: Annotated[
        str | None, typer.Option(help="Folder of the bundle that shall be served, or the number of its MLflow run.")
    ] = None,
    champion: Annotated[
        Path | None, typer.Option(help="Bundle to compare with, where the folder of models has no champion yet.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Corpus whose test split both answer.")] = Path("datasets/corpus"),
    config: Annotated[
        list[Path] | None,
        typer.Option(help="YAML that trained the challenger's text part, to prove that no test row was trained on."),
    ] = None,
    models: Models = None,
    why: Annotated[str, typer.Option(help="Your reason, for the history; needed with --force.")] = "",
    by: By = None,
    force: Annotated[
        list[str] | None, typer.Option(help="Code of a gate to pass though it is shut; may be repeated.")
    ] = None,
    shadow: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="Do not promote; let it answer this share unheard. 0 stops asking it."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Try the gates; write and change nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """Try a challenger against the champion before every gate, and let it be served if all are passed.

    All gates are tried, shown, and stored in MLflow and in the history of the folder of models. A shut
    gate ends the command with status 1 and changes nothing; --force CODE with --why passes it in your
    name. Services that read the folder (TRIAGE_MODELS) take a new champion over by themselves. Where
    MLflow does not answer, nothing is changed. Undo with: triage rollback

    Example: triage promote --challenger work/bundle --models work/models --why 'Learned from the reviews of May.'
    Example: triage promote --challenger work/bundle --models work/models --shadow 0.2
    """
    from cli.gates import print_gates
    from cli.model_folder import model_folder, who
    from training.promotion.entrants import found_bundle
    from training.promotion.gates.registry import all_gates
    from training.promotion.order import Order, carry_out, champion_to_beat, require_sensible
    from training.promotion.preparation import Sources
    from triage.errors import InvalidConfiguration
    from triage.settings import PROJECT_ROOT, load_settings

    settings = load_settings()
    folder = None if dry_run and not (models or settings.models) else model_folder(models, settings)
    codes = frozenset(code.upper() for code in force or ())
    order = Order(folder, settings.tracking_uri, who(by), why.strip(), codes, shadow, dry_run)
    if folder and shadow == 0:
        _end_shadow(order, folder, as_json=as_json)
        return
    if challenger is None:
        raise InvalidConfiguration("There is no challenger; name its folder or its MLflow run with --challenger.")
    require_sensible(order, all_gates())
    suite = PROJECT_ROOT / "tests" / "behaviour"
    sources = Sources(data, settings.store_url, settings.taxonomy, tuple(config or ()), suite)
    with found_bundle(challenger, settings.tracking_uri) as found:
        served = champion_to_beat(order, champion, settings.bundle, found)
        contest, results = _tried(order, served, found, sources)
        if not as_json:
            print_gates(results, contest)
        decision = carry_out(order, contest, results)
    _tell(order, contest, results, decision, as_json=as_json)
    raise typer.Exit(1 if decision.outcome == "refused" else 0)


def _tried(order: "Order", served: Path, found: Path, sources: "Sources") -> "tuple[Contest, list[GateResult]]":
    from datetime import UTC, datetime

    from rich.console import Console

    from cli.gates import try_with_progress
    from training.promotion.gate import forced
    from training.promotion.gates.registry import all_gates
    from training.promotion.preparation import prepare

    console = Console(stderr=True)
    with console.status("loading both models and reading what they are compared on"):
        contest = prepare(served, found, sources, datetime.now(UTC))
    return contest, forced(try_with_progress(all_gates(), contest, console), order.force)


def _tell(
    order: "Order", contest: "Contest", results: "Sequence[GateResult]", decision: "Decision", *, as_json: bool
) -> None:
    import json

    from cli.gates import gate_document

    version = contest.challenger.model_info.version
    if as_json:
        document = {
            "outcome": decision.outcome,
            "challenger": _named(contest.challenger),
            "champion": _named(contest.champion),
            "run_id": decision.run_id,
            "gates": [gate_document(result) for result in results],
        }
        typer.echo(json.dumps(document, indent=2))
        return
    shut = ", ".join(result.code for result in results if result.shut)
    place = order.folder.path if order.folder else "no folder"
    said = {
        "promoted": f"{version} is the champion of {place}. Undo with: triage rollback --models {place}",
        "shadowed": f"{version} answers {order.share or 0:.0%} unheard. Stop it with: triage promote --shadow 0",
        "refused": f"{version} was refused by {shut}; nothing was changed.",
        "tried": f"{version} would be let through; this was a dry run, and nothing was changed.",
    }
    typer.echo(said[decision.outcome])
    if decision.run_id:
        typer.echo(f"All gates are in the MLflow run {decision.run_id}.", err=True)


def _named(model: "Predictor") -> dict[str, str]:
    return {"version": model.model_info.version, "bundle_sha256": model.model_info.bundle_sha256}


def _end_shadow(order: "Order", folder: "ModelFolder", *, as_json: bool) -> None:
    import json

    from training.promotion.order import end_shadow

    ended = end_shadow(order, folder)
    if as_json:
        typer.echo(json.dumps(ended.model_dump(mode="json") if ended else None))
    else:
        typer.echo(f"{ended.version} is asked no more." if ended else f"{folder.path} has no challenger.")
