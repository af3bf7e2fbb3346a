"""The report on a new category, in Markdown: what it is worth, and what it cost the others."""

from collections.abc import Sequence

from evaluation.live.intervals import Share
from training.new_category.cost import CategoryCost, Cost, OwnFigures

TITLE = "What the new category cost the others"


def cost_report(cost: Cost, before: str, after: str, to_look_at: Sequence[tuple[str, str, str]] = ()) -> str:
    """A page.

    Args:
        cost: all figures.
        before: the version of the bundle that was grown.
        after: the version of the new one.
        to_look_at: rows of the corpus that now get a new category: id, label and answer.
    """
    lines = [f"# {TITLE}", "", f"Bundle {before} before, {after} after.", ""]
    for own in cost.own:
        lines += [*_own(own), ""]
    lines += [*_verdict(cost), "", *_table(cost.categories), "", *_whole(cost)]
    if to_look_at:
        lines += ["", *_to_look_at(to_look_at)]
    return "\n".join(lines) + "\n"


def _own(own: OwnFigures) -> list[str]:
    how = (
        "each was judged by a fit that was left without it, since the test split has none"
        if own.left_out
        else "judged on the test split"
    )
    return [
        f"## `{own.code}`",
        "",
        f"Learned from {own.examples} examples; {how}: {own.found} of {own.judged} are found (recall {own.recall:.2f}),"
        f" {own.department} get their department. {own.taken} test rows of other categories are taken for it."
        f" F1 among all of these: **{own.f1:.2f}**. With so few examples it may be {_band(own)}.",
    ]


def _band(own: OwnFigures) -> str:
    share = Share.of(own.found, own.judged)
    return f"that {share.lower:.0%} to {share.upper:.0%} of such alerts are found"


def _verdict(cost: Cost) -> list[str]:
    worse = [item for item in cost.categories if item.worse]
    if not worse:
        return ["## The others", "", "No category lost more than chance explains."]
    named = ", ".join(f"`{item.code}` ({item.change:+.3f})" for item in worse)
    return ["## The others", "", f"**{len(worse)} lost more than chance explains: {named}.**"]


def _table(categories: Sequence[CategoryCost]) -> list[str]:
    return [
        "F1 on the same test rows; the interval holds the change in 90 % of paired bootstrap draws.",
        "",
        "| category | rows | before | after | change | interval | |",
        "| --- | ---: | ---: | ---: | ---: | --- | --- |",
        *(
            f"| {item.code} | {item.rows} | {item.before:.3f} | {item.after:.3f} | {item.change:+.3f}"
            f" | {item.low:+.3f} to {item.high:+.3f} | {'worse' if item.worse else ''} |"
            for item in sorted(categories, key=lambda item: item.change)
        ),
    ]


def _whole(cost: Cost) -> list[str]:
    first, second = cost.decisions
    rows = [(f"macro-F1 {head}", before, after) for head, (before, after) in cost.heads.items()]
    rows += [
        ("routed of what is not urgent", first.routed.value, second.routed.value),
        ("wrong among these", first.routed_error.value, second.routed_error.value),
        ("urgent alerts caught", first.urgent_caught.value, second.urgent_caught.value),
    ]
    return [
        "| all rows | before | after |",
        "| --- | ---: | ---: |",
        *(f"| {name} | {before:.3f} | {after:.3f} |" for name, before, after in rows),
    ]


def _to_look_at(rows: Sequence[tuple[str, str, str]]) -> list[str]:
    return [
        "## Rows of the corpus to look at",
        "",
        "These get a new category now. Where the new one is right, change their label and run the command again.",
        "",
        *(f"- {name}: labelled `{label}`, answered `{answer}`" for name, label, answer in rows),
    ]
