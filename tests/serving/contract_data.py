"""Strings that no pattern describes: for each format that the API description names, some that the service takes."""

import base64
import io
from collections.abc import Mapping
from datetime import datetime

import schemathesis
from hypothesis import strategies as st
from PIL import Image

from serving.openapi_alert import BOX, CATEGORY, DEPARTMENT, LINE, PICTURE, PRINTABLE, WEB_LINK, WORDS
from triage.taxonomy import Taxonomy

_LETTERS = st.characters(min_codepoint=0x20, max_codepoint=0x17E, exclude_characters="\xad", exclude_categories=["Cc"])

_DECADE = (datetime(2015, 1, 1), datetime(2025, 1, 1))


def register_formats(taxonomy: Taxonomy) -> None:
    """Tell schemathesis what each format stands for.

    Args:
        taxonomy: of the running service.
    """
    for name, strategy in _formats(taxonomy).items():
        schemathesis.openapi.format(name, strategy)


def _formats(taxonomy: Taxonomy) -> Mapping[str, st.SearchStrategy[str]]:
    plain = st.characters(min_codepoint=0x20, max_codepoint=0x7E)
    said = st.text(_LETTERS, max_size=40).map(lambda text: f"Trou {text}")
    return {
        # Headers carry no other letters, and drop the spaces around them.
        PRINTABLE: st.text(plain, max_size=20).map(lambda text: f"a{text}b"),
        WORDS: said,
        LINE: said,
        PICTURE: st.sampled_from(("JPEG", "PNG", "WEBP")).map(_picture),
        CATEGORY: st.sampled_from(sorted(taxonomy.categories)),
        DEPARTMENT: st.sampled_from(sorted(taxonomy.departments)),
        BOX: st.sampled_from(("5.02,47.30,5.06,47.34", "179.5,-20,-179.5,-10", "-180,-90,180,90")),
        WEB_LINK: st.sampled_from(
            ("https://photos.example/a.jpg", "http://photos.example", "https://a.example:81/?b=c")
        ),
        # An alert's time may lie at most a day in the future.
        "date-time": st.datetimes(*_DECADE).map(lambda moment: f"{moment.isoformat(timespec='seconds')}Z"),
    }


def _picture(kind: str) -> str:
    stream = io.BytesIO()
    Image.new("RGB", (32, 24), "gray").save(stream, kind)
    return base64.b64encode(stream.getvalue()).decode()
