"""The Humanitarian Data Exchange as a directory: where the file of a package lies today (CKAN's package_show).

Prices, displacement and hunger phases are found by it, since the addresses of files change.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from warn.errors import SourceError
from warn.fetching.answers import document
from warn.rows.foreign import link, text
from warn.source import Http

API: Final = "https://data.humdata.org/api/3/action/package_show"


async def resource(
    http: Http, options: Mapping[str, Any], package: str, words: Collection[str], form: str
) -> str:
    """The address of the package's first file of that form whose name or address has all the words."""
    address = str(options.get("hdx_url") or API)
    body = await http.get(address, params={"id": package}, expect="json", conditional=False, answers=(404,))
    found = document(body.content)
    if not isinstance(found, dict):
        raise SourceError("schema_changed", f"{package}: the directory answered with another shape")
    for entry in _resources(found):
        where = link(entry.get("download_url") or entry.get("url"))
        chart = "_qc." in where.lower()  # an extract that the page draws from
        names = f"{text(entry.get('name'))} {where}".lower().replace("-", "_")
        if (
            text(entry.get("format")).lower() == form
            and where
            and not chart
            and all(word in names for word in words)
        ):
            return where
    raise SourceError(
        "schema_changed", f"{package} holds no {form.upper()} named after {', '.join(words)} any more"
    )


def _resources(found: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    package = found.get("result", found)
    entries = package.get("resources") if isinstance(package, dict) else None
    return [entry for entry in entries if isinstance(entry, dict)] if isinstance(entries, list) else []
