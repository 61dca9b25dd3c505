"""The part of xunyan.toml that says which server stamps packages with the time."""

from typing import Annotated

import msgspec


class TimestampSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`[timestamp]`: `url` of a server (RFC 3161 over HTTP), in which `network`, and how long to wait for it.

    `address`: its IP address where `url` has a name; nothing is resolved. `authority`: a file with its root certificate.
    """

    url: str = ""
    address: str = ""
    network: str = ""
    authority: str = ""
    seconds: Annotated[float, msgspec.Meta(ge=1, le=600)] = 30.0
