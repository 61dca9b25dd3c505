"""Makes one nginx that serves all the web sites of a host, with their pages, faults and certificates."""

import html
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.contents import Entry
from lab.programs import Program
from lab.scenario.model import Web
from lab.services.certificates import Authority
from lab.services.fronts import FRONTS, Answer, Front, page
from lab.services.missing import SERVER_HEADER, place
from lab.services.words import bracketed, host_name, of_families, quoted
from xunyan.errors import InputError
from xunyan.wording import Text

LOG = "web.log"

_SETTINGS = """\
{modules}daemon off;
master_process off;
user root root;
worker_processes 1;
pid nginx.pid;
error_log stderr info;
events {{ worker_connections 128; }}
http {{
  client_body_temp_path body;
  proxy_temp_path proxy;
  fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi;
  scgi_temp_path scgi;
  log_format lab escape=json '{{"time":"$time_iso8601","client":"$remote_addr","server":"$server_addr",'
    '"port":"$server_port","method":"$request_method","host":"$http_host","uri":"$request_uri",'
    '"status":$status,"agent":"$http_user_agent"}}';
  access_log {log} lab;
  server_tokens off;
  server_names_hash_bucket_size 512;
  charset utf-8;
  charset_types *;
  ssl_protocols TLSv1.2 TLSv1.3;
  keepalive_timeout 5;
{servers}}}
"""
# One process, since a worker of its own would set its groups, which a namespace with a single user does not allow.


@dataclass(frozen=True, slots=True)
class Site:
    """One `server` of nginx: where it listens as (address, port), under which names, with which locations and files.

    `locations` are written as nginx takes them; `certificate` is (certificate, key) in PEM, None without TLS.
    """

    listens: tuple[tuple[str, int], ...]
    names: tuple[str, ...]
    locations: str
    certificate: tuple[str, str] | None = None
    files: tuple[Entry, ...] = ()
    server: str = ""


def web_program(
    folder: Path,
    sites: Sequence[Web],
    addresses: Sequence[str],
    authority: Authority,
    *,
    ports: Mapping[int, int] | None = None,
    raw: bool = False,
) -> Program:
    """Make the nginx of the host in `folder`: each site listens on the addresses of its families and on no others.

    Sites on one port are told apart by their names, and the first answers for all other names. Its log `web.log` holds one
    JSON object for each request. `ports` maps ports of the scenario to others. `raw` puts titles and bodies into their pages
    as markup, as a hostile host does. Raises InputError for what cannot be served.
    """
    made = []
    for number, site in enumerate(sites):
        port = (ports or {}).get(site.port, site.port)
        made.append(_site(folder / "web" / f"site{number}", site, addresses, port, authority, raw=raw))
    return nginx(folder, "web", LOG, made)


def nginx(folder: Path, name: str, log: str, sites: Sequence[Site]) -> Program:
    """Make an nginx with these sites, its files below `name` in the host's folder. Raises InputError for contradictory ones."""
    spoken: dict[tuple[str, int], bool] = {}
    for site in sites:
        for listen in site.listens:
            if spoken.setdefault(listen, site.certificate is not None) != (site.certificate is not None):
                message = Text("同一端口不能既用 TLS 又不用", "one port cannot speak with TLS and without")
                raise InputError(message, where=f"{bracketed(listen[0])}:{listen[1]}")
    files = [Entry(name, None, 0o755)]
    servers = []
    for number, site in enumerate(sites):
        files += site.files
        certificate = ""
        if site.certificate is not None:
            paths = f"{name}/tls{number}.pem", f"{name}/tls{number}.key"
            files += [Entry(paths[0], site.certificate[0]), Entry(paths[1], site.certificate[1], 0o600)]
            certificate = f"    ssl_certificate {_path(folder / paths[0])};\n    ssl_certificate_key {_path(folder / paths[1])};\n"
        servers.append(_server(site, certificate))
    renames = any(site.server for site in sites)
    settings = _SETTINGS.format(
        modules=f"load_module {SERVER_HEADER};\n" if renames else "",
        log=_path(folder / log),
        servers="".join(servers),
    )
    files.append(Entry(f"{name}/nginx.conf", settings))
    command = (place("nginx"), "-e", "stderr", "-p", str(folder / name), "-c", str(folder / name / "nginx.conf"))
    return Program(name, command, log, tuple(files), tuple(("tcp", *listen) for listen in spoken))


def _site(base: Path, site: Web, addresses: Sequence[str], port: int, authority: Authority, *, raw: bool) -> Site:
    own = list(dict.fromkeys(of_families(addresses, site.families)))
    if not own:
        message = Text("主机没有这个站点要用的地址族", "the host has no address of the families of this site")
        raise InputError(message, where=f"web, port {site.port}")
    if site.front and site.front not in FRONTS:
        known = ", ".join(sorted(FRONTS))
        raise InputError(Text(f"不认识的页面，可用：{known}", f"no such front, there are: {known}"), where=site.front)
    front = FRONTS[site.front] if site.front else Front({"/": _own_page(site, raw=raw)})
    names = tuple(host_name(name, "names") for name in site.names)
    subject = front.subject
    certificate = authority.certificate(site.tls, names, own, subject) if site.tls else None
    scheme = "https" if site.tls else "http"
    files = tuple(
        Entry(f"web/{base.name}/{number}", answer.text)
        for number, answer in enumerate(front.answers.values())
        if not answer.location
    )
    locations = "".join(_locations(base, front, scheme, everywhere=not site.front))
    return Site(tuple((one, port) for one in own), names, locations, certificate, files, front.server)


def _own_page(site: Web, *, raw: bool) -> Answer:
    if site.redirect:
        return Answer(location=site.redirect, status=site.status if site.status // 100 == 3 else 302)
    if site.status // 100 == 3 or (site.status // 100 == 2 and site.status != 200):
        message = Text("这个状态码不能带页面", "such a status goes with no page")
        raise InputError(message, where=f"web, port {site.port}, status {site.status}")
    title, body = (site.title, site.body) if raw else (html.escape(site.title), html.escape(site.body))
    return Answer(page(title, body if raw else f"<p>{body}</p>"), status=site.status)


def _locations(base: Path, front: Front, scheme: str, *, everywhere: bool) -> Iterator[str]:
    for number, (path, answer) in enumerate(front.answers.items()):
        where = "/" if everywhere else f"= {quoted(path, 'path', without='$')}"
        if answer.location:
            target = quoted(answer.location, "redirect", without="$").replace("{origin}", f"{scheme}://$http_host")
            yield f"    location {where} {{ return {answer.status} {target}; }}\n"
            continue
        file = f"/.lab/{number}"
        inner = (
            f"rewrite ^ {file} last;"
            if answer.status == 200
            else f"error_page {answer.status} {file}; return {answer.status};"
        )
        yield f"    location {where} {{ {inner} }}\n"
        kind, alias = quoted(answer.kind, "kind", without="$"), _path(base / str(number))
        posted = f"error_page 405 =200 {file};"  # a file answers a POST with 405, which fronts do not
        yield f"    location = {file} {{ internal; {posted} types {{ }} default_type {kind}; alias {alias}; }}\n"


def _server(site: Site, certificate: str) -> str:
    tls = " ssl" if site.certificate else ""
    lines = [f"    listen {bracketed(address)}:{port}{tls};\n" for address, port in site.listens]
    if site.names:
        lines.append("    server_name " + " ".join(f'"{name}"' for name in site.names) + ";\n")
    if site.server:
        lines.append(f"    more_set_headers {quoted('Server: ' + site.server, 'server', without='$')};\n")
    return "  server {\n" + "".join(lines) + certificate + site.locations + "  }\n"


def _path(path: Path) -> str:
    return quoted(str(path), str(path), without="$")
