"""Makes the pages of a web site that a scenario writes itself: links, pages below, and a first page that differs by reading."""

import html
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.contents import Entry
from lab.scenario.model import Family, Inner, Web
from lab.services.fronts import page
from lab.services.words import quoted
from xunyan.errors import InputError
from xunyan.wording import Text

FIRST_PORT = 20000
"""On 127.0.0.1 of a host: from here on the servers behind a balancer."""

MOST_VARIANTS = 16
_EACH_TIME = "lab-differs-each-time"
"""What stands in a page's file where each answer has a number of its own."""

_LINE = f"<p>{_EACH_TIME}</p>\n"


@dataclass(frozen=True, slots=True)
class Pages:
    """What makes the pages of a site: nginx's locations, the files that they name, and what stands beside the `server`s."""

    locations: str
    files: tuple[Entry, ...]
    beside: str = ""


def own_pages(base: Path, place: str, site: Web, family: Family, number: int, *, raw: bool) -> Pages:
    """Make the pages as one family shows them, their files at `place` below the host's folder, which is `base` as a whole.

    `number` tells the sites of a host apart. Raises InputError for what cannot be served.
    """
    if site.redirect:
        return Pages(_redirect(site), ())
    if site.fault == "closes":
        return Pages("    location / { return 444; }\n", ())  # nginx's own: close, and say nothing
    _check(site)
    first = _first_page(site, raw=raw)
    files = [Entry(f"{place}/0", first, size=site.size)]
    locations = [_location("/", base / "0", site.status, site)]
    beside = ""
    if site.variants:
        bodies = [site.body, *site.variants]
        files = [
            Entry(f"{place}/0-{one}", _page(site.title, body, site.links, raw=raw)) for one, body in enumerate(bodies)
        ]
        beside = "".join(_balanced(base, number, len(bodies)))
        locations = [
            f"    location / {{ proxy_pass http://lab_balancer{number}; proxy_set_header Host $http_host; }}\n"
        ]
    for count, inner in enumerate(site.pages, 1):
        where = f"= {quoted(inner.path, 'path', without='$')}"
        if family not in inner.families:
            locations.append(f"    location {where} {{ return 404; }}\n")
            continue
        files.append(Entry(f"{place}/{count}", _inner_page(inner, raw=raw)))
        locations.append(_location(where, base / str(count), inner.status))
    return Pages("".join(locations), tuple(files), beside)


def _check(site: Web) -> None:
    for status in (site.status, *(one.status for one in site.pages)):
        if status // 100 == 3 or (status // 100 == 2 and status != 200):
            message = Text("这个状态码不能带页面", "such a status goes with no page")
            raise InputError(message, where=f"web, port {site.port}, status {status}")
    if site.status != 200 and (site.slow or site.variants):
        message = Text("slow、variants 只能用于状态码200的页面", "slow and variants go with status 200 alone")
        raise InputError(message, where=f"web, port {site.port}")
    if len(site.variants) >= MOST_VARIANTS:
        message = Text(f"variants 最多 {MOST_VARIANTS - 1} 个", f"at most {MOST_VARIANTS - 1} variants")
        raise InputError(message, where=f"web, port {site.port}")


def _redirect(site: Web) -> str:
    target = quoted(site.redirect, "redirect", without="$")
    scheme = "https" if site.tls else "http"
    target = target.replace("{origin}", f"{scheme}://$http_host").replace("{any}", "$request_id")
    return f"    location / {{ return {site.status if site.status // 100 == 3 else 302} {target}; }}\n"


def _first_page(site: Web, *, raw: bool) -> str:
    further = {"": "", "little": _LINE, "wholly": _LINE * 40}[site.varies]
    return _page(site.title, site.body if site.varies != "wholly" else "", site.links, raw=raw, further=further)


def _inner_page(inner: Inner, *, raw: bool) -> str:
    return _page(inner.title or inner.path, inner.path, inner.links, raw=raw)


def _page(title: str, body: str, links: Sequence[str], *, raw: bool, further: str = "") -> str:
    if not raw:
        title, body = html.escape(title), f"<p>{html.escape(body)}</p>"
    anchors = "".join(f'<p><a href="{html.escape(link)}">{html.escape(link)}</a></p>\n' for link in links)
    return page(title, f"{body}\n{anchors}{further}".rstrip("\n"))


def _location(where: str, path: Path, status: int, site: Web | None = None) -> str:
    """One location that answers with a file; for the first page of a `site` as late and as varied as it wants."""
    file = f"/.lab/{path.name}"
    inner = f"rewrite ^ {file} last;"
    if status != 200:
        inner = f"error_page {status} {file}; return {status};"
    elif site is not None and site.slow:
        inner = f"echo_sleep {site.slow:.3f}; echo_exec {file};"
    varied = ""
    if site is not None and site.varies:
        varied = f"sub_filter {_EACH_TIME} $request_id; sub_filter_once off; sub_filter_types *; "
    posted = f"error_page 405 =200 {file};"  # a file answers a POST with 405, which pages of programs do not
    served = f"types {{ }} default_type text/html; alias {quoted(str(path), str(path), without='$')};"
    return f"    location {where} {{ {inner} }}\n    location = {file} {{ internal; {posted} {varied}{served} }}\n"


def _balanced(base: Path, number: int, count: int) -> Iterator[str]:
    """A balancer that sends one request after the other to servers of its own, each with another page."""
    ports = [FIRST_PORT + number * MOST_VARIANTS + one for one in range(count)]
    yield f"  upstream lab_balancer{number} {{ {' '.join(f'server 127.0.0.1:{port};' for port in ports)} }}\n"
    for one, port in enumerate(ports):
        path = quoted(str(base / f"0-{one}"), str(base), without="$")
        yield (
            f"  server {{ listen 127.0.0.1:{port}; access_log off; location / {{ rewrite ^ /.lab/0 last; }} "
            f"location = /.lab/0 {{ internal; types {{ }} default_type text/html; alias {path}; }} }}\n"
        )
