"""Exports are read as their systems write them, and a broken record is told instead of ending the run."""

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from triage.city_exports.readers import ExportFormat, read_export
from triage.city_exports.report import ForeignReport, Refusal
from triage.errors import InvalidConfiguration

Read = Callable[..., list[ForeignReport | Refusal]]

XML = """<?xml version="1.0" encoding="utf-8"?>
<service_requests>
  <request>
    <service_request_id>638344</service_request_id>
    <service_code>006</service_code>
    <service_name>Sidewalk repair</service_name>
    <description>Slab &lt;lifted&gt; by frost &amp; salt</description>
    <agency_responsible>Public works</agency_responsible>
    <requested_datetime>2026-04-14T06:37:38-08:00</requested_datetime>
    <notes><note>not read</note></notes>
  </request>
  <request><service_request_id>2</service_request_id><service_name>Other</service_name></request>
</service_requests>
"""


def test_a_table_is_read_by_the_names_of_its_columns(read: Read) -> None:
    content = "Nr;Titel;Text;Gruppe;Art;Amt;Tag\n7;Lampe;aus seit gestern;Licht;Laterne;Werke;2026-03-02 08:15\n"
    [report] = read(
        "a.csv",
        content,
        ExportFormat.CSV,
        id="Nr",
        text=["Titel", "Text"],
        category=["Gruppe", "Art"],
        department="Amt",
        reported_on="Tag",
    )
    assert report == ForeignReport(
        place=2,
        id="7",
        text="Lampe aus seit gestern",
        categories=("Licht / Laterne", "Laterne", "Licht"),
        department="Werke",
        reported_on=date(2026, 3, 2),
    )


def test_a_table_without_columns_in_the_mapping_is_refused_with_the_names_that_it_has(read: Read) -> None:
    with pytest.raises(InvalidConfiguration, match="It has Nr, Text"):
        read("a.csv", "Nr,Text\n1,a\n", ExportFormat.CSV)


def test_a_row_that_is_no_utf_8_is_one_broken_record(read: Read) -> None:
    found = read("a.csv", b"t,c\nStra\xdfe kaputt,x\nLampe aus,x\n", ExportFormat.CSV, text="t", category="c")
    assert [type(item) for item in found] == [Refusal, ForeignReport]
    assert "UTF-8" in found[0].message  # type: ignore[union-attr]


def test_open311_is_read_from_xml_with_code_before_name(read: Read) -> None:
    first, second = read("requests.xml", XML, ExportFormat.OPEN311)
    assert first == ForeignReport(
        place=1,
        id="638344",
        text="Slab <lifted> by frost & salt",
        categories=("006", "Sidewalk repair"),
        department="Public works",
        reported_on=date(2026, 4, 14),
    )
    assert isinstance(second, ForeignReport)
    assert second.categories == ("Other",)


@pytest.mark.parametrize("name", ["requests.json", "requests.jsonl"])
def test_open311_is_read_alike_from_a_document_and_from_lines(read: Read, name: str) -> None:
    requests = [{"service_request_id": 12, "service_code": "L1", "description": "Lampe", "lat": 1.0}, ["no object"]]
    content = json.dumps(requests) if name.endswith("json") else "\n".join(map(json.dumps, requests))
    report, refusal = read(name, content, ExportFormat.OPEN311)
    assert (report.id, report.text, report.categories) == ("12", "Lampe", ("L1",))  # type: ignore[union-attr]
    assert refusal == Refusal(2, "no_object", "It is no object with named fields.")


def test_a_document_type_is_refused_before_its_entities_can_grow(read: Read) -> None:
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbb"><!ENTITY c "&b;&b;">]><service_requests><request>&c;</request>'
    with pytest.raises(InvalidConfiguration, match="document type"):
        read("bomb.xml", bomb, ExportFormat.OPEN311)


def test_xml_that_ends_too_early_is_refused_after_what_was_whole(tmp_path: Path) -> None:
    path = tmp_path / "cut.xml"
    path.write_text(XML[: XML.index("</service_requests>")], encoding="utf-8")
    records = read_export(path, ExportFormat.OPEN311, None)
    assert isinstance(next(records), ForeignReport)
    assert isinstance(next(records), ForeignReport)
    with pytest.raises(InvalidConfiguration, match="no XML that can be read"):
        next(records)


def test_signalen_is_read_alike_from_its_interface_and_from_a_flat_table(read: Read) -> None:
    answer = {
        "results": [
            {
                "id": 4,
                "text": "Grofvuil",
                "text_extra": "naast de bak",
                "category": {"main_slug": "afval", "sub_slug": "grofvuil", "departments": "STW"},
                "priority": {"priority": "high"},
                "created_at": "2026-05-01T09:00:00+02:00",
            }
        ]
    }
    table = (
        "id,text,text_extra,main_slug,sub_slug,departments,priority,created_at\n"
        "4,Grofvuil,naast de bak,afval,grofvuil,STW,high,2026-05-01\n"
    )
    [of_answer] = read("signals.json", json.dumps(answer), ExportFormat.SIGNALEN)
    [of_table] = read("signals.csv", table, ExportFormat.SIGNALEN)
    assert of_answer == ForeignReport(
        place=1,
        id="4",
        text="Grofvuil naast de bak",
        categories=("afval/grofvuil", "grofvuil", "afval"),
        department="STW",
        priority="high",
        reported_on=date(2026, 5, 1),
    )
    assert isinstance(of_table, ForeignReport)
    assert (of_table.text, of_table.categories, of_table.priority) == (
        of_answer.text,
        of_answer.categories,
        of_answer.priority,
    )


@pytest.mark.parametrize("content", ["{", '{"count": 0}', "3"])
def test_a_document_without_reports_is_refused(read: Read, content: str) -> None:
    with pytest.raises(InvalidConfiguration, match=r"no JSON document|holds no list"):
        read("a.json", content, ExportFormat.SIGNALEN)
