"""Who may see and change saved searches. There are no sessions, so it is told from the request alone.

`open`: whoever reaches the service, from its own pages or with no browser at all: a page of another site is told by
`Sec-Fetch-Site`, else by `Origin` (the rule of Go's net/http CrossOriginProtection). `key`: seeing needs a key,
changing one that may write. A feed needs its id alone, which is random. `auto`: `open` on a service that only this
machine reaches, else `key`; then the Host must be this machine's too, so that no name of another site can be bent
to it (DNS rebinding).
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import g, request

from service.context import context
from service.errors import Problem
from service.security import demand_write, no_key
from service.settings import Settings

LOOPBACK = ("127.0.0.1", "localhost", "::1")


def rule(settings: Settings) -> str:
    """`open`, `key` or `off`."""
    if settings.saved != "auto":
        return settings.saved
    return "open" if settings.host in LOOPBACK and not settings.proxies else "key"


def can_save() -> bool:
    """Whether a page may offer to save: a browser sends no key by itself."""
    return rule(context().settings) == "open"


def demand_sight() -> None:
    """Raise unless the request may see the saved searches."""
    found = rule(context().settings)
    if found == "off":
        raise Problem(403, "Saved searches are switched off here (setting `saved`).")
    if found == "key" and g.key is None:
        raise no_key("Seeing saved searches")


def demand_change() -> None:
    """Raise unless the request may save, rename, visit or delete."""
    demand_sight()
    if rule(context().settings) == "key":
        demand_write(context().keys)
    elif (g.key is None or g.key.scope != "write") and not _own_site(context().settings):
        raise Problem(403, "This request comes from another site. Saved searches are changed on this service's own "
                           "pages, or with a key.")


def _own_site(settings: Settings) -> bool:
    """Whether the request is from a page of this service, or from no browser."""
    public = urlsplit(settings.public_url or "")
    if settings.saved == "auto" and _host_name() not in (*LOOPBACK, settings.host, public.hostname):
        return False
    site, origin = request.headers.get("Sec-Fetch-Site"), request.headers.get("Origin")
    if site is not None:
        return site in ("same-origin", "none")
    if origin is None:
        return True
    here = origin.partition("://")[2]                   # nothing for "null", an origin that hides itself
    return bool(here) and here in (request.host, public.netloc)


def _host_name() -> str | None:
    try:
        return urlsplit(f"//{request.host}").hostname
    except ValueError:
        return None
