"""Finds where a request comes from: the address behind trusted proxies, or this machine."""

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from urllib.parse import urlsplit

from services.predict_api.web.request import Request

# Set by proxies, tunnels and content networks: the peer is not the client.
FORWARDING = frozenset(
    {
        "cf-connecting-ip",
        "cf-connecting-ipv6",
        "client-ip",
        "fastly-client-ip",
        "forwarded",
        "true-client-ip",
        "via",
        "x-client-ip",
        "x-cluster-client-ip",
        "x-envoy-external-address",
        "x-original-forwarded-for",
        "x-original-host",
        "x-proxyuser-ip",
        "x-real-ip",
    }
)
FORWARDED = "x-forwarded"  # and whatever follows: -for, -host, -proto, -by …
LOCAL_NAME = "localhost"

Address = IPv4Address | IPv6Address


def parse_address(text: str) -> Address | None:
    """Return an address from `1.2.3.4`, `1.2.3.4:5678`, `::1`, `[::1]`, `[::1]:80`; None for anything else.

    An IPv4 address mapped into IPv6, as a server on `::` sees it, is the IPv4 address.
    """
    bare = text.strip().strip('"')
    if bare.startswith("["):
        bare = bare[1:].partition("]")[0]
    elif bare.count(":") == 1:
        bare = bare.partition(":")[0]
    try:
        found = ip_address(bare.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def client_address(request: Request, proxies: int) -> str:
    """Return the client's address as the outermost of `proxies` trusted proxies saw it.

    Of IPv6 it is the network of 64 bits, which one client has for itself; `unknown` where it is no address.
    """
    seen = request.headers.get("x-forwarded-for", "").split(",")
    found = parse_address(seen[-proxies] if 0 < proxies <= len(seen) else request.peer)
    if found is None:
        return "unknown"
    return str(ip_network(f"{found}/64", strict=False)) if found.version == 6 else str(found)


def host_name(host: str) -> str:
    """Return a Host header's name in lower case, without the port."""
    name = host.strip().lower()
    if name.startswith("["):
        return name.partition("]")[0] + "]"
    return name.rpartition(":")[0] if name.count(":") == 1 else name


def is_from_this_machine(request: Request) -> bool:
    """Return whether a request comes from this machine, as far as it can show.

    The peer is loopback, no header is set by a proxy, and Host and Origin name this machine: a
    page elsewhere whose name was pointed at 127.0.0.1 (DNS rebinding) sends its own name in them. A proxy
    that adds no header and rewrites Host cannot be detected: behind one, keys must be set.
    """
    headers = request.headers
    if not FORWARDING.isdisjoint(headers) or any(name.startswith(FORWARDED) for name in headers):
        return False
    origin = headers.get("origin")
    if origin is not None and not _is_local_name(urlsplit(origin).netloc):
        return False
    return _is_loopback(request.peer) and _is_local_name(headers.get("host", ""))


@lru_cache(maxsize=1024)  # parsing would take a third of the time of a cached answer
def _is_loopback(text: str) -> bool:
    found = parse_address(text)
    return found is not None and found.is_loopback


def _is_local_name(host: str) -> bool:
    name = host_name(host)
    return name == LOCAL_NAME or _is_loopback(name)
