"""Posting to an address that somebody typed, without becoming their way into our own network.

The name is resolved once, every address it has is looked at, and the connection goes to one of those very
addresses: a name that says something else a moment later changes nothing (DNS rebinding). Redirects are not followed.
"""

from __future__ import annotations

import contextlib
import http.client
import ipaddress
import socket
import ssl
from threading import Timer
from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from tickets.errors import DeliveryError, TicketError

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Translates IPv4 addresses (RFC 6052, 2.1), private ones among them.
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Inside a site whatever the tables of `ipaddress` say: IPv4-compatible and site-local addresses, both given up (RFC
# 4291, 2.5.5.1 and 2.5.7), a network's own translation (RFC 8215), and IPv4-translated ones (RFC 2765, 2.1).
_INSIDE = [ipaddress.ip_network(one) for one in ("::/96", "fec0::/10", "64:ff9b:1::/48", "::ffff:0:0:0/96")]


def check_address(url: str) -> None:
    """Raises TicketError for an address to which nothing would ever be posted."""
    try:
        parts = urlsplit(url)
        _port(parts)
    except ValueError:
        raise TicketError(_("That is not an address that can be written to. Look at it once more.")) from None
    if parts.scheme not in _schemes():
        raise TicketError(_("The address has to begin with https://."))
    if not parts.hostname or parts.username or parts.password:
        raise TicketError(_("Write the address with its host, and without a name or password in it."))
    try:
        literal = ipaddress.ip_address(parts.hostname)
    except ValueError:
        return
    if not _may_be_reached(literal):
        raise TicketError(_("That address is inside a private network, where nothing is sent."))


def _port(parts: SplitResult) -> int:
    """Raises ValueError for what is no port."""
    return parts.port or (443 if parts.scheme == "https" else 80)


def _schemes() -> tuple[str, ...]:
    return ("https", "http") if settings.WEBHOOK_ALLOW_PRIVATE else ("https",)


def post(url: str, body: bytes, headers: dict[str, str], *, timeout: float) -> int:
    """Posts, and returns the status of the answer, whatever it is. `timeout` (seconds) is for all of it.

    Raises DeliveryError when there was none.
    """
    try:
        check_address(url)
    except TicketError as error:
        raise DeliveryError(str(error), is_permanent=True) from None
    parts = urlsplit(url)
    try:
        connection = _connect(parts, timeout)
    except (OSError, UnicodeError) as error:
        raise DeliveryError(f"no connection: {error}") from error
    # The time limit of a socket is for each read; whoever sends a byte every now and then must not hold us for ever.
    deadline = Timer(timeout, _cut, [connection])
    deadline.start()
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryError(f"no answer: {error or type(error).__name__}") from error
    finally:
        deadline.cancel()
        connection.close()


def _connect(parts: SplitResult, timeout: float) -> http.client.HTTPConnection:
    host = parts.hostname or ""
    port = _port(parts)
    found = [str(info[4][0]) for info in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    if not all(_may_be_reached(ipaddress.ip_address(one.partition("%")[0])) for one in found):
        raise DeliveryError(f"{host} leads into a private network, where nothing is sent", is_permanent=True)
    plain = socket.create_connection((found[0], port), timeout)
    connection = http.client.HTTPConnection(host, port, timeout=timeout)
    try:
        if parts.scheme == "https":
            connection = http.client.HTTPSConnection(host, port, timeout=timeout)
            connection.sock = ssl.create_default_context().wrap_socket(plain, server_hostname=host)
        else:
            connection.sock = plain
    except BaseException:
        plain.close()
        raise
    return connection


def _cut(connection: http.client.HTTPConnection) -> None:
    """Ends whatever another thread waits for on this connection."""
    with contextlib.suppress(OSError):
        if connection.sock is not None:
            connection.sock.shutdown(socket.SHUT_RDWR)


def _may_be_reached(address: _Address) -> bool:
    """Whether an address is on the open internet, or private ones are allowed."""
    if settings.WEBHOOK_ALLOW_PRIVATE:
        return True
    return all(_is_outside(one) for one in _meant(address))


def _is_outside(address: _Address) -> bool:
    return address.is_global and not address.is_multicast and not any(address in network for network in _INSIDE)


def _meant(address: _Address) -> list[_Address]:
    """The address, and the IPv4 address that an IPv6 one stands for (RFC 4291, 3056, 4380, 6052)."""
    meant: list[_Address] = []
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:
            return [address.ipv4_mapped]
        meant += [one for one in (address.sixtofour, *(address.teredo or ())) if one]
        if address in _NAT64:
            meant.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [address, *meant]
