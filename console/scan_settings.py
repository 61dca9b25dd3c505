"""The parts of xunyan.toml that say how to scan: bounds and rates, credentials, hosts in between, and who uses which."""

from typing import Annotated, Literal

import msgspec

from scanners.transports.carrying import CredentialKind, RouteKind
from xunyan.errors import InputError
from xunyan.wording import Text

Positive = Annotated[int, msgspec.Meta(ge=1)]
Count = Annotated[int, msgspec.Meta(ge=1, le=500)]
Rate = Annotated[float, msgspec.Meta(gt=0, le=1000)]
FastRate = Annotated[float, msgspec.Meta(gt=0, le=10_000)]
Seconds = Annotated[float, msgspec.Meta(ge=1, le=3600)]
Port = Annotated[int, msgspec.Meta(ge=1, le=65535)]


class ScanSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[scan]`: how many at once, how fast, how long, and when to stop. A letter's own limits come on top."""

    concurrency: Count = 20
    per_network: Count = 20
    per_route: Count = 20
    per_second: Rate = 50.0
    target_pause: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 1.0
    connect_seconds: Seconds = 10.0
    login_seconds: Seconds = 20.0
    answer_seconds: Seconds = 120.0
    silence: Positive = 20
    resolve_seconds: Seconds = 5.0
    vantage: str = ""
    vault_password: str = ""
    sudo: bool = False
    ansible_forks: Count = 20
    known_hosts: tuple[str, ...] = ()


class SystemSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[systems]`: how information systems are looked at. A letter's own limits come on top.

    `ports` are knocked at where none is filed; `found` bounds how many names that nobody filed are looked at in a scan.
    """

    ports: tuple[Port, ...] = (80, 443)
    concurrency: Count = 50
    per_address: Count = 2
    per_second: FastRate = 100.0
    queries_at_once: Count = 50
    queries_per_second: FastRate = 200.0
    connect_seconds: Seconds = 5.0
    answer_seconds: Seconds = 15.0
    page_kib: Annotated[int, msgspec.Meta(ge=1, le=4096)] = 512
    redirects: Annotated[int, msgspec.Meta(ge=0, le=20)] = 5
    second_links: Annotated[int, msgspec.Meta(ge=0, le=500)] = 20
    third_links: Annotated[int, msgspec.Meta(ge=0, le=500)] = 20
    system_seconds: Seconds = 300.0
    found: Annotated[int, msgspec.Meta(ge=0, le=10000)] = 200


class CredentialSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[credentials.NAME]`: a login. `password`, `passphrase` and `enable` say where a secret is, and hold none.

    `enable` is what a network device asks for where the privilege is raised.
    """

    user: str
    kind: CredentialKind
    password: str = ""
    key_file: str = ""
    passphrase: str = ""
    fingerprint: str = ""
    one_time_code: bool = False
    enable: str = ""


class RouteSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[routes.NAME]`: a host in between, by address."""

    kind: RouteKind
    address: str
    credential: str
    network: str = ""
    port: Port = 22
    login: str = "{user}@{account}@{target}"
    session_targets: Positive = 500
    session_minutes: Positive = 60


class AccessSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[[access]]`: which targets are reached how. Empty fields fit all; the first entry that fits counts."""

    credential: str = ""
    route: str = ""
    carrier: Literal["", "ssh", "ansible", "netmiko", "telnet"] = ""
    network: str = ""
    unit: str = ""
    asset: str = ""
    platform: str = ""


def check_form(name: str, settings: CredentialSettings) -> None:
    """See that the settings say where the secrets are, and hold none themselves. Raises InputError."""
    for field, source in (
        ("password", settings.password),
        ("passphrase", settings.passphrase),
        ("enable", settings.enable),
    ):
        form, _, rest = source.partition(":")
        if source not in ("", "prompt") and not (form == "env" and rest) and not (form == "vault" and "#" in rest):
            raise written_down(f"credentials.{name}.{field}")


def written_down(where: str) -> InputError:
    """Say that this is not the place of a secret; it may be the secret itself."""
    return InputError(
        Text(
            "这里应写密码的来处：prompt、env:变量名 或 vault:文件#键",
            "this should say where the secret is: prompt, env:NAME or vault:FILE#KEY",
        ),
        where=where,
        advice=Text(
            '如果写的是密码本身，请删去并更换密码，再写 "prompt"',
            'where it is the password itself, remove it, change the password, and write "prompt"',
        ),
    )
