"""Makes one nginx that serves all the web sites of a host, with their pages and certificates, and what stands at a port that is none."""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import lab.listener
from lab.contents import Entry
from lab.programs import Program
from lab.scenario.model import BOTH, Web
from lab.services.certificates import Authority
from lab.services.fronts import FRONTS, Front
from lab.services.missing import ECHO, SERVER_HEADER, place
from lab.services.pages import own_pages
from lab.services.words import bracketed, family, host_name, of_families, quoted
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
{beside}{servers}}}
"""
# One process, since a worker of its own would set its groups, which a namespace with a single user does not allow.


@dataclass(frozen=True, slots=True)
class Site:
    """One `server` of nginx: where it listens as (address, port), under which names, with which locations and files.

    `locations` are written as nginx takes them, and so is what stands `beside` the servers; `certificate` is (certificate,
    key) in PEM, None without TLS.
    """

    listens: tuple[tuple[str, int], ...]
    names: tuple[str, ...]
    locations: str
    certificate: tuple[str, str] | None = None
    files: tuple[Entry, ...] = ()
    server: str = ""
    beside: str = ""


NO_WEB = {"hangs": "silent", "not-http": "wrong-banner", "filtered": "filtered"}
"""Fault of a web site -> what stands at its port in place of nginx, in the words of `lab.listener`."""


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
    as markup, as a hostile host does. Sites whose port is no web server at all are left to `other_programs`. Raises
    InputError for what cannot be served.
    """
    made: list[Site] = []
    for number, site in enumerate(sites):
        if site.fault not in NO_WEB:
            port = (ports or {}).get(site.port, site.port)
            made += _sites(folder, number, site, addresses, port, authority, raw=raw)
    return nginx(folder, "web", LOG, made)


def other_programs(sites: Sequence[Web], addresses: Sequence[str]) -> tuple[Program, ...]:
    """Make what stands at the ports of sites that are no web server. Raises InputError where a web server stands there too."""
    made = []
    served = {
        (one, site.port) for site in sites if site.fault not in NO_WEB for one in of_families(addresses, site.families)
    }
    for number, site in enumerate(sites):
        if site.fault in NO_WEB:
            own = tuple(dict.fromkeys(of_families(addresses, site.families)))
            if not own or served & {(one, site.port) for one in own}:
                message = Text(
                    "没有这种地址，或这个端口上另有网站", "there is no such address, or a web site at this port too"
                )
                raise InputError(message, where=f"web, port {site.port}, fault {site.fault}")
            listener = str(Path(lab.listener.__file__))
            command = (sys.executable, "-I", listener, NO_WEB[site.fault], str(site.port), *own)
            opens = tuple(("tcp", one, site.port) for one in own)
            made.append(Program(f"web-{number}", command, f"web-{number}.log", (), opens))
    return tuple(made)


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
    modules = [SERVER_HEADER] if any(site.server for site in sites) else []
    modules += [ECHO] if any("echo_" in site.locations for site in sites) else []
    settings = _SETTINGS.format(
        modules="".join(f"load_module {one};\n" for one in modules),
        beside="".join(site.beside for site in sites),
        log=_path(folder / log),
        servers="".join(servers),
    )
    files.append(Entry(f"{name}/nginx.conf", settings))
    command = (place("nginx"), "-e", "stderr", "-p", str(folder / name), "-c", str(folder / name / "nginx.conf"))
    return Program(name, command, log, tuple(files), tuple(("tcp", *listen) for listen in spoken))


def _sites(
    folder: Path, number: int, site: Web, addresses: Sequence[str], port: int, authority: Authority, *, raw: bool
) -> Iterator[Site]:
    """The `server`s of a site: one, or one for each family where the two show different pages, with one certificate."""
    own = list(dict.fromkeys(of_families(addresses, site.families)))
    if not own:
        message = Text("主机没有这个站点要用的地址族", "the host has no address of the families of this site")
        raise InputError(message, where=f"web, port {site.port}")
    if site.front and site.front not in FRONTS:
        known = ", ".join(sorted(FRONTS))
        raise InputError(Text(f"不认识的页面，可用：{known}", f"no such front, there are: {known}"), where=site.front)
    names = tuple(host_name(name, "names") for name in site.names)
    subject = FRONTS[site.front].subject if site.front else ""
    certificate = authority.certificate(site.tls, names, own, subject) if site.tls else None
    if site.front:
        front = FRONTS[site.front]
        base = folder / "web" / f"site{number}"
        files = tuple(
            Entry(f"web/{base.name}/{count}", answer.text)
            for count, answer in enumerate(front.answers.values())
            if not answer.location
        )
        locations = "".join(_locations(base, front, "https" if site.tls else "http"))
        yield Site(tuple((one, port) for one in own), names, locations, certificate, files, front.server)
        return
    differ = any(set(inner.families) != set(BOTH) for inner in site.pages)
    for version in BOTH if differ else BOTH[:1]:
        shown = tuple((one, port) for one in own if not differ or family(one) == version)
        if shown:
            at = f"web/site{number}-{version}"
            pages = own_pages(folder / at, at, site, version, number * 2 + (version == 6), raw=raw)
            yield Site(shown, names, pages.locations, certificate, pages.files, beside=pages.beside)


def _locations(base: Path, front: Front, scheme: str) -> Iterator[str]:
    for number, (path, answer) in enumerate(front.answers.items()):
        where = f"= {quoted(path, 'path', without='$')}"
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
