"""The yardstick: a bare loop of httpx and dnspython that asks what a scan of systems asks, and throws the answers away.

`python -m benchmarks.systems_bare ORDER`, where ORDER is JSON: names, resolver, at_once, resolve, connect, answer (seconds).
It is what a person would write in an afternoon: it asks no leave, keeps to no pace, writes nothing down.
"""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.resolver
import httpx

KINDS = ("A", "AAAA", "CNAME", "HTTPS", "SOA", "NS")
OK = 200


async def ask(resolver: dns.asyncresolver.Resolver, name: str, kind: str) -> list[str]:
    """Ask one question; give the records, none where there are none."""
    try:
        answer = await resolver.resolve(name, kind, raise_on_no_answer=False, search=False)
    except dns.exception.DNSException:
        return []
    return [record.to_text() for record in answer]


async def read(client: httpx.AsyncClient, name: str, address: str) -> int:
    """Get the first page at an address; give how long it is, 0 where it did not come."""
    host = f"[{address}]" if ":" in address else address
    try:
        answer = await client.get(f"http://{host}/", headers={"Host": name})
    except httpx.HTTPError:
        return 0
    return len(answer.content) if answer.status_code == OK else 0


async def look(
    turns: asyncio.Semaphore, resolver: dns.asyncresolver.Resolver, client: httpx.AsyncClient, name: str
) -> list[int]:
    """Ask all about a name, then read its page at the first address of each family; give the sizes."""
    async with turns:
        v4, v6, *_ = await asyncio.gather(*(ask(resolver, name, kind) for kind in KINDS))
        return await asyncio.gather(*(read(client, name, one[0]) for one in (v4, v6) if one))


async def main(order: dict[str, Any]) -> None:
    """Look at all names, and print how many pages came and how many bytes they have."""
    resolver = dns.asyncresolver.Resolver(configure=False)
    resolver.nameservers = [order["resolver"]]
    resolver.lifetime = order["resolve"]
    turns = asyncio.Semaphore(order["at_once"])
    bounds = httpx.Timeout(order["answer"], connect=order["connect"])
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=0)  # no address is asked twice
    async with httpx.AsyncClient(timeout=bounds, limits=limits) as client:
        looks = [look(turns, resolver, client, name) for name in order["names"]]
        sizes = [size for found in await asyncio.gather(*looks) for size in found if size]
    print(json.dumps({"pages": len(sizes), "bytes": sum(sizes)}))


if __name__ == "__main__":
    asyncio.run(main(json.loads(Path(sys.argv[1]).read_text("utf-8"))))
