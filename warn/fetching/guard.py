"""Who may be spoken to: the address that a name resolves to is judged, and that very address is connected to.

Judging the name alone is no guard: a redirect, or a name that resolves differently the second time, would
lead into the operator's own network.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

import httpcore

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
SOCKET_OPTION = Any  # httpcore's own alias is not public


class Forbidden(Exception):  # noqa: N818  # not an error of ours: a decision, turned into SourceError by the client
    """The address is not one of the public internet."""


def public(address: Address) -> bool:
    """Whether an address, and any address hidden inside it, belongs to the public internet."""
    return all(a.is_global and not a.is_multicast and not a.is_reserved for a in (address, *_inside(address)))


def _inside(address: Address) -> Iterable[Address]:
    if isinstance(address, ipaddress.IPv4Address):
        return ()
    inner: list[Address] = [a for a in (address.ipv4_mapped, address.sixtofour) if a is not None]
    inner += address.teredo or ()
    if address in NAT64:
        inner.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return inner


class GuardedNetwork(httpcore.AsyncNetworkBackend):
    """Resolves, refuses what is not public (unless `allow_private`), and connects to what it judged."""

    def __init__(self, *, allow_private: bool) -> None:
        self._allow_private = allow_private
        self._network = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  # httpcore's signature
        local_address: str | None = None,
        socket_options: Iterable[SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._resolve(host, port)
        trouble: Exception | None = None
        for address in addresses:
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                trouble = error
        raise trouble or httpcore.ConnectError(f"{host} has no address")

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    async def _resolve(self, host: str, port: int) -> list[Address]:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"{host} is not known to the name service") from error
        addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
        if self._allow_private:
            return addresses
        allowed = [address for address in addresses if public(address)]
        if not allowed:
            raise Forbidden(f"{host} is an address inside a private network")
        return allowed
