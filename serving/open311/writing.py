"""Answers in the standard's two forms: XML, and JSON that follows from it element by element."""

import json
import re
from collections.abc import Mapping, Sequence
from enum import StrEnum
from xml.etree import ElementTree

from starlette.responses import Response

Value = str | float | bool | None
Row = Mapping[str, Value]

# XML 1.0 has no way at all to write these, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class Form(StrEnum):
    """The ending of an address, and what is answered there."""

    JSON = "json"
    XML = "xml"

    @property
    def media_type(self) -> str:
        """As the header Content-Type has it."""
        return "application/json" if self is Form.JSON else "text/xml; charset=utf-8"


def form_of(path: str) -> Form:
    """The form that a path asks for; JSON where it says nothing."""
    return Form.XML if path.endswith(f".{Form.XML}") else Form.JSON


def write_list(
    form: Form, root: str, item: str, rows: Sequence[Row], status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    """Rows as a list.

    Args:
        form: JSON or XML.
        root: name of the whole in XML, such as `services`.
        item: name of one row in XML, such as `service`.
        rows: the fields by name; None is null, or an empty element.
        status: of the answer.
        headers: of the answer.
    """
    if form is Form.JSON:
        return _response(form, json.dumps(rows, ensure_ascii=False).encode("utf-8", "replace"), status, headers)
    whole = ElementTree.Element(root)
    for row in rows:
        _append_fields(ElementTree.SubElement(whole, item), row)
    return _response(form, _encoded(whole), status, headers)


def write_definition(form: Form, service_code: str, headers: Mapping[str, str]) -> Response:
    """The definition of a service that asks for nothing beyond the standard's own fields."""
    if form is Form.JSON:
        content = json.dumps({"service_code": service_code, "attributes": []}).encode()
        return _response(form, content, 200, headers)
    whole = ElementTree.Element("service_definition")
    _append_fields(whole, {"service_code": service_code, "attributes": None})
    return _response(form, _encoded(whole), 200, headers)


def _append_fields(element: ElementTree.Element, row: Row) -> None:
    for name, value in row.items():
        ElementTree.SubElement(element, name).text = _text(value)


def _text(value: Value) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    return _NOT_XML.sub("", str(value))


def _encoded(whole: ElementTree.Element) -> bytes:
    written = ElementTree.tostring(whole, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{written}'.encode()


def _response(form: Form, content: bytes, status: int, headers: Mapping[str, str] | None) -> Response:
    return Response(content, status, dict(headers or {}), form.media_type)
