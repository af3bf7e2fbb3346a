"""Options that more than one benchmark takes."""

from pathlib import Path
from typing import Annotated

import typer

Bundle = Annotated[Path | None, typer.Option(help="Bundle to measure; the one that is served by default.")]
Corpus = Annotated[Path, typer.Option(help="Corpus whose texts are used.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print the figures as JSON.")]
