"""Templates say nothing by themselves: every word comes from a catalogue, the city's files or the store."""

import re
from collections.abc import Iterator

import pytest
from jinja2 import Environment

from serving.desk.pages import STATIC, TEMPLATES

_TAG = re.compile(r"<!--.*?-->|<(?:[^>\"']|\"[^\"]*\"|'[^']*')*>", re.DOTALL)
_WORDS = re.compile(r"[^\W\d_]{2,}")
_SPOKEN = re.compile(r"""\b(?:alt|title|placeholder|aria-label|aria-description|value)="([^"]*)\"""")
# The name of the product, the names of the languages in their own words, and keys.
_NO_WORDS = {"OnDijon"}
# A macro that gives attributes.
_ATTRIBUTE = re.compile(r'[a-z-]+="[^"<>]*"')
_VALUES = re.compile(r"(?:on|off|link|[a-z_]+)?")

FILES = sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))


def source(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def markup(name: str) -> str:
    """The template without Jinja's parts, each of which leaves a mark."""
    tokens = Environment(autoescape=True).lex(source(name))
    parts: list[str] = []
    inside = False
    for _, kind, value in tokens:
        if kind in {"variable_begin", "block_begin", "comment_begin", "raw_begin"}:
            inside = True
        elif kind in {"variable_end", "block_end", "comment_end", "raw_end"}:
            inside = False
            parts.append("\N{SECTION SIGN}")
        elif not inside and kind == "data":
            parts.append(value)
    return "".join(parts)


def loose_words(name: str) -> Iterator[str]:
    text = markup(name)
    for word in _WORDS.findall(_ATTRIBUTE.sub(" ", _TAG.sub(" ", text))):
        if word not in _NO_WORDS:
            yield word
    for tag in _TAG.findall(text):
        for said in _SPOKEN.findall(tag):
            if _WORDS.search(said) and not _VALUES.fullmatch(said.replace("\N{SECTION SIGN}", "")):
                yield said


@pytest.mark.parametrize("name", FILES)
def test_a_template_holds_no_words_of_its_own(name: str) -> None:
    words = {word for word in loose_words(name) if "{% trans" not in source(name)}
    assert not words


@pytest.mark.parametrize("name", FILES)
def test_a_template_needs_no_inline_style_or_script(name: str) -> None:
    """The pages' policy would refuse them."""
    text = markup(name)
    assert not re.search(r"\sstyle\s*=", text)
    assert "<style" not in text
    assert not re.search(r"\son[a-z]+\s*=", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
    assert "javascript:" not in text


@pytest.mark.parametrize("name", FILES)
def test_a_template_never_turns_escaping_off(name: str) -> None:
    assert not re.search(r"\|\s*safe\b|autoescape", source(name))


@pytest.mark.parametrize("name", FILES)
def test_every_form_that_changes_something_carries_the_token(name: str) -> None:
    for form in re.findall(r"<form\b.*?</form>", source(name), re.DOTALL):
        if 'method="post"' in form and "/review/sign-in" not in form:  # there is no session yet
            assert "csrf_field()" in form or 'name="csrf"' in form


def test_no_file_of_the_pages_names_another_host() -> None:
    allowed = {"http://www.w3.org/2000/svg"}
    for path in [*STATIC.glob("*.css"), *STATIC.glob("*.svg"), STATIC / "desk.js"]:
        assert set(re.findall(r"https?://[^\s\"')]+", path.read_text(encoding="utf-8"))) <= allowed
