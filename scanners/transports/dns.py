"""Asking a name server that a letter grants: every name on the way, and every address at its end."""

from dataclasses import dataclass

from scanners.transports.dialing import check
from xunyan.permits import Permit


@dataclass(frozen=True, slots=True)
class Resolved:
    """What a name leads to: `names` are the name itself and each CNAME on the way, `addresses` all of A and AAAA."""

    names: tuple[str, ...]
    addresses: tuple[str, ...]


class ResolveError(Exception):
    """The name led nowhere: `detail` says what the name server answered, or that it did not."""

    def __init__(self, detail: str) -> None:
        super().__init__(detail)
        self.detail = detail


def resolve(name: str, permit: Permit, seconds: float) -> Resolved:
    """Ask the permitted name server for A and AAAA of a name, without search lists, hosts files or other servers.

    Raises ResolveError where there is no such name, no address, or no answer in so many seconds; DialError where the
    permit has run out.
    """
    import dns.exception  # noqa: PLC0415  # what takes long to load is loaded when it is used
    import dns.name  # noqa: PLC0415
    import dns.resolver  # noqa: PLC0415

    check(permit)
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers = [permit.address]
    resolver.port = permit.port
    names: dict[str, None] = {}
    addresses: dict[str, None] = {}
    try:
        asked = dns.name.from_text(name.rstrip(".") + ".")
        for kind in ("A", "AAAA"):
            answer = resolver.resolve(asked, kind, raise_on_no_answer=False, lifetime=seconds, search=False)
            chain = answer.chaining_result
            way = (asked, *(rrset.name for rrset in chain.cnames), chain.canonical_name)
            names |= dict.fromkeys(one.to_text(omit_final_dot=True).lower() for one in way)
            addresses |= dict.fromkeys(record.address for record in answer.rrset or ())
    except dns.resolver.NXDOMAIN as error:
        raise ResolveError("no such name") from error
    except dns.exception.Timeout as error:
        raise ResolveError(f"the name server {permit.address} does not answer") from error
    except dns.exception.DNSException as error:
        raise ResolveError(str(error)[:200]) from error
    if not addresses:
        raise ResolveError("the name has no address")
    return Resolved(tuple(names), tuple(addresses))
