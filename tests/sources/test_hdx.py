"""Sources found through the directory of HDX: prices, displacement, hunger phases."""

import io
import json
import zipfile

import pytest
from warn.source import Source
from warn.sources import cadre_harmonise, idmc, wfp_prices

from tests.fakes.web import Answer, Web, body, redirect, serving, status
from tests.sources.asking import NOW, ask
from tests.sources.knowing import context, payload

FOUND = {
    "wfp_prices": (wfp_prices.SOURCE, "wfp-food-prices-for-mali", "wfp_food_prices_mli.csv", "new.csv"),
    "idmc": (idmc.SOURCE, "mli-idmc-idu-events", "mli_idmc_idu_events.csv", "mirror.csv"),
}


def package(web: Web, *files: str) -> Answer:
    entries = [
        {"name": name, "format": name.rpartition(".")[2].upper(), "download_url": f"{web.address}/{name}"}
        for name in files
    ]
    said = {"help": "", "success": True, "result": {"title": "x", "resources": entries}}
    return body(json.dumps(said).encode(), "application/json")


def workbook(rows: list[list[str]], *, shared: bool) -> bytes:
    """As a spreadsheet program writes it: texts apart, numbers in place, empty cells left out."""
    strings = list(dict.fromkeys(cell for row in rows for cell in row if not _number(cell))) if shared else []
    lines = []
    for number, row in enumerate(rows, 1):
        cells = "".join(
            _cell(f"{_letters(at)}{number}", cell, strings) for at, cell in enumerate(row) if cell
        )
        lines.append(f'<row r="{number}">{cells}</row>')
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        sheet = f'<?xml version="1.0"?><worksheet xmlns="{space}"><sheetData>{"".join(lines)}</sheetData></worksheet>'
        archive.writestr("xl/worksheets/sheet1.xml", sheet)
        if shared:
            items = "".join(f"<si><r><t>{text[:1]}</t></r><r><t>{text[1:]}</t></r></si>" for text in strings)
            archive.writestr(
                "xl/sharedStrings.xml", f'<?xml version="1.0"?><sst xmlns="{space}">{items}</sst>'
            )
    return out.getvalue()


def _cell(where: str, cell: str, strings: list[str]) -> str:
    if _number(cell):
        return f'<c r="{where}"><v>{cell}</v></c>'
    if strings:
        return f'<c r="{where}" t="s"><v>{strings.index(cell)}</v></c>'
    return f'<c r="{where}" t="inlineStr"><is><t>{cell}</t></is></c>'


def _number(cell: str) -> bool:
    return cell.replace(".", "").isdecimal()


def _letters(at: int) -> str:
    return chr(65 + at) if at < 26 else f"{chr(64 + at // 26)}{chr(65 + at % 26)}"


def table() -> list[list[str]]:
    return [line.split(",") for line in payload("cadre_harmonise/country.csv").decode().splitlines()]


@pytest.mark.parametrize("source_id", FOUND)
async def test_the_file_is_found_by_its_package_and_fetched_through_a_redirect(source_id: str) -> None:
    source, name, file, made = FOUND[source_id]
    async with serving() as web:
        web.on("/package", package(web, f"quickcharts_{file.replace('.csv', '_qc.csv')}", "notes.pdf", file))
        web.on(f"/{file}", redirect(f"{web.address}/bucket"))
        web.on("/bucket", body(payload(f"{source_id}/{made}"), "application/octet-stream", ETag='"1"'))
        first = await ask(source, {"hdx_url": f"{web.address}/package"})
    assert (first.poll.outcome, len(first.observations)) == ("ok", 2)
    assert web.asked[0].target == f"/package?id={name}"
    assert web.asked[-1].path == "/bucket"
    assert [seen.etag for seen in first.validators.values()] == ['"1"']


@pytest.mark.parametrize("shared", [True, False])
async def test_hunger_phases_are_read_from_the_workbook(shared: bool) -> None:  # a case, not an option
    async with serving() as web:
        web.on("/package", package(web, "wca_CHIPC_current.geojson", "cadre_harmonise_caf_ipc.xlsx"))
        web.on("/cadre_harmonise_caf_ipc.xlsx", body(workbook(table(), shared=shared), "application/zip"))
        found = await ask(cadre_harmonise.SOURCE, {"hdx_url": f"{web.address}/package"})
    expected = cadre_harmonise.parse(payload("cadre_harmonise/country.csv"), context(NOW)).observations
    assert found.observations == expected
    assert [o.value for o in expected] == [0.04, 0.08]


@pytest.mark.parametrize("source", [wfp_prices.SOURCE, idmc.SOURCE, cadre_harmonise.SOURCE])
@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (
            status(
                404, b'{"success": false, "error": {"message": "Not found", "__type": "Not Found Error"}}'
            ),
            "error",
        ),
        (
            body(
                b'{"success": false, "error": {"__type": "Authorization Error", "message": "Access denied"}}'
            ),
            "blocked",
        ),
        (
            body(b'{"success": true, "result": {"resources": [{"name": "notes", "format": "PDF"}]}}'),
            "schema_changed",
        ),
        (body(b'{"success": true, "result": 7}'), "schema_changed"),
        (body(b"[]"), "schema_changed"),
        (body(b"<!doctype html><html>", "text/html"), "blocked"),
        (status(503), "error"),
    ],
)
async def test_a_directory_that_does_not_help_ends_in_its_outcome(
    source: Source, answer: Answer, outcome: str
) -> None:
    async with serving() as web:
        web.on("/package", answer)
        found = await ask(source, {"hdx_url": f"{web.address}/package"})
    assert found.poll.outcome == outcome


def test_of_two_words_on_one_season_the_later_counts_and_one_that_lies_ahead_waits() -> None:
    found = cadre_harmonise.parse(payload("cadre_harmonise/country.csv"), context(NOW)).observations
    assert [(o.key, o.value) for o in found] == [("MLI::2025-01", 0.04), ("MLI::2025-06", 0.08)]
    later = cadre_harmonise.parse(payload("cadre_harmonise/country.csv"), context(NOW.replace(year=2026)))
    assert later.observations[-1].key == "MLI::2026-06"


def test_prices_are_told_by_the_kilo_in_our_currency_from_markets() -> None:
    found = wfp_prices.parse(payload("wfp_prices/new.csv"), context(NOW))
    assert {(o.attributes["commodity"], o.value) for o in found.observations} >= {
        ("Rice (local)", 450),
        ("Millet", 300),
    }
    assert "1 forecast" in found.message
    assert "1 national averages" in found.message


def test_a_price_keeps_its_key_when_the_layout_changes() -> None:
    old, new = (wfp_prices.parse(payload(f"wfp_prices/{name}.csv"), context(NOW)) for name in ("old", "new"))
    assert {o.key for o in old.observations} <= {o.key for o in new.observations}


def test_people_displaced_by_violence_are_told_once() -> None:
    found = idmc.parse(payload("idmc/mirror.csv"), context(NOW)).observations
    assert [(o.key, o.value, o.lat) for o in found] == [("1", 1200, 14.48), ("2", 300, 13.05)]
