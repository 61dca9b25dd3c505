"""Subjects of an estate for tests: hosts, systems and ranges, with evidence that says whose it is."""

from collections.abc import Mapping
from typing import Any

from controls import estate
from controls.model import Blindness, Estate, Subject
from tests.making import NOON
from xunyan.facts import (
    Address,
    BackEnd,
    Connection,
    DeclaredAs,
    Fact,
    Listener,
    NameAnswer,
    Page,
    Place,
    ServicePort,
)
from xunyan.model import Asset, Evidence, LedgerRow, Observation

NETWORK = "外网"
SITE = "https://www.a.example/"


def cite(capture: str, source: str = "", line: int = 1) -> Evidence:
    return Evidence(capture, source or capture, line, line, "", NOON)


def asset(kind: str, name: str, network: str = NETWORK) -> Asset:
    prefix = "host" if kind == "endpoint" else kind
    return Asset(name, kind, f"{prefix}:{name}", name, "", "", network, "", "")


def filed(name: str, **columns: str) -> LedgerRow:
    return LedgerRow(columns, cite(f"{name}-ledger", "ledger"))


def a_range(text: str, kind: str, network: str = NETWORK, **columns: str) -> Subject:
    """A filed range. It is its own asset, in whatever network the workspace has by default."""
    row = filed(text, **{"network": network, "range": text, "kind": kind, **columns})
    return Subject(asset("range", text, "default"), ledger=row)


def seen(name: str, **tables: tuple[Fact, ...]) -> dict[str, Observation]:
    found = {key.replace("_", "-"): facts for key, facts in tables.items()}
    return {key: Observation(key, facts, (cite(f"{name}-{key}", key),)) for key, facts in found.items()}


def host(
    name: str, *addresses: str, talks: tuple[Connection, ...] | None = (), listens: tuple[int, ...] | None = (443,),
    network: str = NETWORK, kind: str = "endpoint",
) -> Subject:  # fmt: skip
    """An endpoint that was read; `talks` or `listens` None: not that far."""
    tables: dict[str, tuple[Fact, ...]] = {"addresses": tuple(holds(one) for one in addresses)}
    if talks is not None:
        tables["connections"] = talks
    if listens is not None:
        tables["listeners"] = tuple(Listener("tcp", "*", port) for port in listens)
    return Subject(asset(kind, name, network), seen(name, **tables))


def holds(address: str, scope: str = "global") -> Address:
    return Address("eth0", 6 if ":" in address else 4, address, 24, scope, up=True, usable=True, mac="")


def talk(local: str, local_port: int, remote: str, port: int, line: int = 0) -> Connection:
    return Connection(local, local_port, remote, port, line, f"{local}:{local_port} {remote}:{port}" if line else "")


def answer(
    name: str, *v4: str, v6: tuple[str, ...] = (), outcome: str = "answered", network: str = NETWORK
) -> NameAnswer:
    return NameAnswer(network, name, outcome, (), v4, v6)


def port(address: str, number: int = 443, outcome: str = "open", name: str = "", network: str = NETWORK) -> ServicePort:
    return ServicePort(network, name, address, 6 if ":" in address else 4, number, outcome)


def page(url: str = SITE, address: str = "10.1.2.3", **changes: Any) -> Page:
    values: dict[str, Any] = {
        "network": NETWORK, "url": url, "name": "", "address": address, "family": 4, "port": 443, "outcome": "answered",
        "status": 200, "final_url": url, "redirects": 0, "title": "办事大厅", "text_length": 1000,
    }  # fmt: skip
    return Page(**(values | changes))


def system(
    name: str, *names: NameAnswer, ports: tuple[ServicePort, ...] | None = (), pages: tuple[Page, ...] | None = None,
    ledger: Mapping[str, str] | None = None, network: str = NETWORK,
) -> Subject:  # fmt: skip
    """A system whose names were asked; `ports` or `pages` None: not that far. `ledger` None: nobody filed it."""
    tables: dict[str, tuple[Fact, ...]] = {"names": names}
    if ports is not None:
        tables["service_ports"] = ports
    if pages is not None:
        tables["pages"] = pages
    row = filed(name, **ledger) if ledger is not None else None
    return Subject(asset("system", name, network), seen(name, **tables), ledger=row)


def rows(built: Estate, name: str, kind: type[Any], observation: str) -> tuple[Any, ...]:
    return tuple(fact for fact in built.subjects[name].observations[observation].facts if isinstance(fact, kind))


def places(*subjects: Subject, of: str = "a") -> list[Place]:
    return list(rows(estate.build(subjects), of, Place, "places"))


def back_ends(*subjects: Subject, of: str = "a") -> list[BackEnd]:
    return list(rows(estate.build(subjects), of, BackEnd, "back-ends"))


def kin(*subjects: Subject, of: str = "a") -> list[DeclaredAs]:
    return list(rows(estate.build(subjects), of, DeclaredAs, "declared-as"))


def unseen(*subjects: Subject, of: str = "a", observation: str) -> tuple[Blindness, ...]:
    return estate.build(subjects).subjects[of].blind.get(observation, ())
