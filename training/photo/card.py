"""The card of the photo part: what it was trained on, what it is good for, and what not."""

from pathlib import Path

from models.photo import PART
from training.photo.backbone import PhotoBackbone
from training.photo.config import PhotoConfig
from training.photo.part import PhotoPart
from training.photo.pictures import PictureSet

CARD = f"{PART}/CARD.md"


def write_photo_card(
    folder: Path, config: PhotoConfig, backbone: PhotoBackbone, pictures: PictureSet, part: PhotoPart
) -> None:
    """Write the card into a bundle."""
    description, figures = part.description, part.figures
    counts = pictures.counts(description.labels)
    rows = [
        f"| `{label}` | {sum(counts.get(label, {}).values())} | {_sources(counts.get(label, {}))} | {f1:.2f} |"
        for label, f1 in zip(description.labels, figures.f1, strict=True)
    ]
    text = f"""# Photo model

Says which of {len(description.labels)} things a resident's photo shows, or that it cannot tell. It reads the whole
picture squeezed to {description.size} × {description.size} pixels.

Backbone: {config.backbone}, ImageNet weights from {backbone.source} (SHA-256 `{backbone.sha256[:16]}…`). The first
{config.frozen_stages} stages keep them; the rest and the head were fitted for {config.epochs} epochs on
{config.views} random views of each picture.

## Pictures

{len(pictures.paths)} pictures of {len(set(pictures.sources.tolist()))} public sources (SHA-256 of all:
`{pictures.digest()[:16]}…`). None of them is in this repository; licences of some are unclear, hence only weights ship.

| label | pictures | sources | F1 on sources left out |
| --- | --- | --- | --- |
{chr(10).join(rows)}

## Measured on sources left out

Sources were left out in {config.folds} groups, and answers counted so that labels, and within a label its sources,
weigh alike. A label that one source alone has was measured on the half of its pictures that was left out, which
flatters it.

- macro-F1 {figures.macro_f1:.3f}, accuracy {figures.accuracy:.3f}
- accuracy of the surest 55 %: {figures.accuracy_at_coverage:.3f}
- relevant against irrelevant: AUROC {figures.relevant_auroc:.3f}
- it abstains below a probability of {description.abstains_below:.2f}: then it answers for {figures.covered:.0%} of
  pictures and is right for {figures.covered_accuracy:.1%} of these
- int8 weights give the float32 network's label for {part.parity["photo_int8_same_label"]:.1%} of pictures

`held_out.json` holds some of these answers (logits and labels, no pictures), on which the fusion is fitted.

## Limits

- Abandoned vehicles, illegal parking, benches, shelters, trees, animals: it knows none of them. There the text decides.
- `street_light` and `traffic_light` say that one is the subject, not whether it works; `manhole` not whether it is
  open.
- Pictures by residents of Dijon were not to be had: expect less on them, and measure it.
"""
    (folder / CARD).write_text(text, encoding="utf-8")


def _sources(counts: dict[str, int]) -> str:
    return ", ".join(f"{name} ({count})" for name, count in sorted(counts.items(), key=lambda item: -item[1]))
