"""What a visitor sends, read with a limit: forms as browsers send them, whole bodies as programs do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from ipaddress import ip_address, ip_network
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request

Form = Mapping[str, Sequence[str]]
LARGEST_FORM = 20_000
MOST_FIELDS = 100
_FORM = "application/x-www-form-urlencoded"


async def form_of(request: Request) -> Form:
    """The fields of a posted form. Other kinds of bodies, too large ones and those of too many fields are refused."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise HTTPException(415)
    body = await body_of(request, LARGEST_FORM)
    try:
        return parse_qs(body.decode(), keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError:
        raise HTTPException(400) from None


async def body_of(request: Request, largest: int) -> bytes:
    """Counted as it comes: what a sender says of its length proves nothing."""
    found = bytearray()
    try:
        async for piece in request.stream():
            found += piece
            if len(found) > largest:
                raise HTTPException(413)
    except ClientDisconnect:
        raise HTTPException(400) from None
    return bytes(found)


def one(form: Form, name: str) -> str:
    """The one value of a field; empty where it is missing."""
    return (form.get(name) or ("",))[-1]


def refuse_from_elsewhere(request: Request) -> None:
    """Another site's page may not fill in our form in its visitor's name."""
    if request.headers.get("sec-fetch-site", "same-origin") == "cross-site":
        raise HTTPException(403)


def network_of(request: Request) -> str:
    """The visitor's network (/24, or /64 of the long addresses); who has more addresses is no more visitors."""
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return ""
    whole = getattr(address, "ipv4_mapped", None) or address
    return str(ip_network(f"{whole}/{24 if whole.version == 4 else 64}", strict=False))
