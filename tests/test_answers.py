import io
import zipfile
from datetime import UTC, datetime

import pytest
from warn.errors import SourceError
from warn.fetching.answers import document, gathered, listed, opened, records, table
from warn.fetching.limits import Limits
from warn.fetching.workbook import first_sheet, is_workbook
from warn.model import Observation
from warn.rows import CellError
from warn.rows.foreign import amount, link, midnight, position, required, stamp, text

NOW = datetime(2025, 10, 15, tzinfo=UTC)


def packed(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def outcome(error: pytest.ExceptionInfo[SourceError]) -> str:
    return error.value.outcome


@pytest.mark.parametrize(
    "content",
    [
        b"Day,Price\n1,2\n",
        b"\xef\xbb\xbfDay,Price\n1,2\n",
        b"day;price\r\n1;2\r\n",
        b"day\tprice\n1\t2\n",
        b"\nday,price\n#date,#value\n\n1,2\n",
        '"Day","Price"\n"1","2"\n'.encode("utf-16"),
        packed(**{"a.csv": b"day,price\n1,2\n"}),
        packed(**{"readme.txt": b"x", "a.CSV": b"day,price\n1,2\n"}),
    ],
)
def test_a_table_is_the_same_however_it_is_wrapped(content: bytes) -> None:
    found = table(content, ("day", "price"))
    assert [row for _, row in found.records] == [{"day": "1", "price": "2"}]


def test_rows_of_other_widths_are_set_aside_with_their_line() -> None:
    found = table(b"day,price\n1,2\n3\n4,5,6\n7,8\n", ("day",))
    assert [line for line, _ in found.records] == [2, 5]
    assert [(one.line, one.reason) for one in found.torn] == [
        (3, "1 cells instead of 2"),
        (4, "3 cells instead of 2"),
    ]


def test_the_old_western_code_page_is_read_where_utf_8_is_not() -> None:
    ((_, row),) = table("place,day\nSégou,1\n".encode("cp1252"), ("place",)).records
    assert row["place"] == "Ségou"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"a,b\n1,2\n", "schema_changed"),
        (b"Invalid API call.", "error"),
        (b"Exceeding allowed transaction limit. Please try again later.", "blocked"),
        (b'{"error": "invalid_grant"}', "blocked"),
        (b'{"day": 1}', "schema_changed"),
        (packed(**{"a.txt": b"x"}), "schema_changed"),
        (packed(**{"a.csv": b"<!doctype html><html>"}), "blocked"),
    ],
)
def test_what_is_no_table_ends_in_its_outcome(content: bytes, expected: str) -> None:
    with pytest.raises(SourceError) as error:
        table(content, ("day", "price"))
    assert outcome(error) == expected


def test_json_with_raw_control_characters_and_escapes_that_are_none_is_read() -> None:
    assert document(b'{"title": "a\tb \\d c"}') == {"title": "a\tb d c"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"status": 403, "success": false, "messages": ["consent"], "data": []}', "blocked"),
        (b'{"detail": "Authentication credentials were not provided."}', "blocked"),
        (b'{"error": "access_denied", "error_description": "The owner denied it."}', "blocked"),
        (b'{"success": false, "error": {"message": "Not found"}}', "error"),
        (b'{"status": 410, "error": {"message": "decommissioned"}}', "error"),
        (b"{", "error"),
        (b"not json", "error"),
    ],
)
def test_an_answer_that_is_a_refusal_or_a_failure_says_so(content: bytes, expected: str) -> None:
    with pytest.raises(SourceError) as error:
        document(content)
    assert outcome(error) == expected


def test_an_error_beside_rows_does_not_hide_them() -> None:
    assert listed(document(b'{"error": "partial", "data": [{"a": 1}]}'), "data") == ((1, {"a": 1}),)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b'{"access_token": "x"}', "no_data"),
        (b'{"result": {"title": "t", "resources": [{"name": "f"}]}}', "no_data"),
        (b'{"result": {"count": 1, "results": [{"name": "f"}]}}', "no_data"),
        (b'{"data": {"a": 1}}', "schema_changed"),
        (b'{"data": [1]}', "schema_changed"),
        (b'{"rows": []}', "schema_changed"),
        (b'{"data": [{"other": 1}]}', "schema_changed"),
    ],
)
def test_what_are_no_records_is_told_for_what_it_is(content: bytes, expected: str) -> None:
    with pytest.raises(SourceError) as error:
        records(content, ("day",), "data")
    assert outcome(error) == expected


def one(row: object) -> list[Observation]:
    amount(row["value"])  # type: ignore[index]  # a record
    return [Observation("truce", NOW, NOW, key=row["key"])] if row["key"] else []  # type: ignore[index]  # a record


@pytest.mark.parametrize(
    ("rows", "of", "expected"),
    [
        ([("a", "1"), ("a", "2"), ("b", "x")], 0, ("ok", 1, 1)),
        ([("", "1"), ("", "2"), ("a", "x")], 0, ("no_data", 0, 1)),
        ([("", "1"), ("a", "y"), ("a", "x")], 0, ("schema_changed", 0, 2)),
        ([], 7, ("no_data", 0, 0)),
        ([], 0, ("no_data", 0, 0)),
    ],
)
def test_records_become_observations_or_the_reason_why_there_are_none(
    rows: list[tuple[str, str]], of: int, expected: tuple[str, int, int]
) -> None:
    given = [(line, {"key": key, "value": value}) for line, (key, value) in enumerate(rows, 1)]
    found = gathered(given, one, of=of)
    assert (found.outcome, len(found.observations), len(found.refused)) == expected


def test_an_archive_that_unpacks_to_far_more_than_it_weighs_is_not_opened() -> None:
    bomb = packed(**{"a.csv": b"0" * 5_000_000})
    with pytest.raises(SourceError, match="would unpack"):
        opened(bomb, ".csv", Limits(decoded=1_000_000))


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("2026-02-26 00:00:00.000", "2026-02-26T00:00:00+00:00"),
        ("2026-02-26T01:00:00+01:00", "2026-02-26T00:00:00+00:00"),
        ("20260226T101500Z", "2026-02-26T10:15:00+00:00"),
        ("20260226101500", "2026-02-26T10:15:00+00:00"),
        ("2026-02-26T10:15:00.1234567Z", "2026-02-26T10:15:00.123456+00:00"),
        ("20260226", "2026-02-26T00:00:00+00:00"),
    ],
)
def test_times_are_understood_in_every_spelling_met(said: str, meant: str) -> None:
    assert stamp(said).isoformat() == meant


@pytest.mark.parametrize(
    "said", ["", "soon", "2026-13-01", "0001-01-01", "9999-12-31T23:59:59-14:00", None, 7, "20261399000000"]
)
def test_what_is_no_time_is_refused(said: object) -> None:
    with pytest.raises(CellError):
        stamp(said)


@pytest.mark.parametrize(
    ("said", "meant"), [("1.5", 1.5), (2, 2), ("", None), ("-", None), ("..", None), (None, None)]
)
def test_numbers_come_as_numbers_or_as_text_or_not_at_all(said: object, meant: float | None) -> None:
    assert amount(said) == meant


def test_cells_that_are_none_are_told() -> None:
    assert position("12.6", "") == position(0, 0) == (None, None)
    assert position("12.6", -8) == (12.6, -8)
    assert (link("https://a.example/b"), link("javascript:alert(1)")) == ("https://a.example/b", "")
    assert (text(None), text("a\x00b"), midnight("2026-02-26T10:00Z").hour) == ("", "a b", 0)
    with pytest.raises(CellError, match="day is empty"):
        required({"day": "-"}, "day")


SHEET = (
    b'<?xml version="1.0"?><worksheet><sheetData><row><c r="A1" t="inlineStr"><is><t>a</t></is></c>'
    b'<c r="C1"><v>3</v></c></row><row><c><v>1</v></c><c t="s"><v>9</v></c></row></sheetData></worksheet>'
)


def test_a_workbook_is_read_row_by_row_with_its_gaps() -> None:
    content = packed(**{"xl/worksheets/sheet1.xml": SHEET})
    assert is_workbook(content)
    assert list(first_sheet(content)) == [["a", "", "3"], ["1", ""]]


@pytest.mark.parametrize(
    ("sheet", "why"),
    [
        (b'<!DOCTYPE x [<!ENTITY a "b">]><worksheet>&a;</worksheet>', "document type"),
        (b"<worksheet><row>", "not a readable workbook"),
        (b"\x00\x01", "not a readable workbook"),
        (b"<worksheet>" + b" " * 3_000_000 + b"</worksheet>", "would unpack"),
    ],
)
def test_a_workbook_made_to_harm_is_not_read(sheet: bytes, why: str) -> None:
    with pytest.raises(SourceError, match=why):
        list(first_sheet(packed(**{"xl/worksheets/sheet1.xml": sheet}), Limits(decoded=2_000_000)))


def test_what_is_no_workbook_is_not_taken_for_one() -> None:
    assert not is_workbook(b"PK\x03\x04")
    assert not is_workbook(packed(**{"a.csv": b"x"}))
    with pytest.raises(SourceError):
        list(first_sheet(packed(**{"a.csv": b"x"})))
