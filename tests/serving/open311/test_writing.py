"""Both forms say the same, and whatever a text holds, both can be read."""

import json
from collections.abc import Callable
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from serving.open311.writing import Form, form_of, write_definition, write_list

Rows = Callable[[bytes], list[dict[str, str | None]]]


def test_xml_and_json_hold_the_same_rows(rows_of: Rows) -> None:
    rows = [{"name": "Éclairage", "metadata": False, "lat": 47.3216, "notice": None}, {"name": "b", "metadata": True}]
    assert json.loads(write_list(Form.JSON, "services", "service", rows).body) == rows
    answer = write_list(Form.XML, "services", "service", rows)
    assert rows_of(bytes(answer.body)) == [
        {"name": "Éclairage", "metadata": "false", "lat": "47.3216", "notice": None},
        {"name": "b", "metadata": "true"},
    ]
    assert answer.headers["content-type"] == "text/xml; charset=utf-8"


def test_the_elements_have_the_standards_names() -> None:
    content = bytes(write_list(Form.XML, "service_requests", "request", [{"status": "open"}]).body)
    whole = ElementTree.fromstring(content)  # noqa: S314 - what was just written
    assert [whole.tag, whole[0].tag, whole[0][0].tag] == ["service_requests", "request", "status"]


def test_an_empty_list_is_a_list_in_both_forms(rows_of: Rows) -> None:
    assert json.loads(write_list(Form.JSON, "services", "service", []).body) == []
    assert rows_of(bytes(write_list(Form.XML, "services", "service", []).body)) == []


def test_a_definition_without_attributes_has_an_empty_list_of_them() -> None:
    assert json.loads(write_definition(Form.JSON, "voirie", {}).body) == {"service_code": "voirie", "attributes": []}
    whole = ElementTree.fromstring(bytes(write_definition(Form.XML, "voirie", {}).body))  # noqa: S314 - see above
    assert whole.tag == "service_definition"
    assert whole.findtext("service_code") == "voirie"
    attributes = whole.find("attributes")
    assert attributes is not None
    assert len(attributes) == 0


@pytest.mark.parametrize("hostile", ["</request><x/>", "<!DOCTYPE a [<!ENTITY b 'c'>]>&b;", "]]>", "a\x00b\x0b\ufffe"])
def test_a_text_never_becomes_markup(rows_of: Rows, hostile: str) -> None:
    content = bytes(write_list(Form.XML, "errors", "error", [{"description": hostile}]).body)
    assert rows_of(content) == [{"description": hostile.translate({0: None, 0x0B: None, 0xFFFE: None})}]


@given(st.text())
def test_every_text_can_be_read_again(text: str) -> None:
    row = {"description": text}
    [element] = ElementTree.fromstring(bytes(write_list(Form.XML, "errors", "error", [row]).body))  # noqa: S314 - see above
    assert element.findtext("description") is not None
    assert json.loads(write_list(Form.JSON, "errors", "error", [row]).body) == [row]


@pytest.mark.parametrize(("path", "form"), [("/a.xml", Form.XML), ("/a.json", Form.JSON), ("/a", Form.JSON)])
def test_the_ending_of_an_address_chooses_the_form(path: str, form: Form) -> None:
    assert form_of(path) is form
