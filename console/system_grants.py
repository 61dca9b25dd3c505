"""The letters at work for information systems: permits for resolvers, name servers and services, asked anew each time."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from console.authorised import Authority
from console.workspace import Workspace
from inventories import scope
from inventories.endpoints import folder, read_endpoints
from inventories.letters import Letter
from inventories.scope import Decision, Ground, Question
from scanners.systems.asking import NotNowError, Refused
from xunyan.canonical import beijing_text
from xunyan.permits import PORTS, Method, Permit
from xunyan.wording import Text

LOOK_SECONDS = 0.2
_BARRING = (Ground.CLASSIFIED, Ground.DENIED)


@dataclass(slots=True)
class _Seen:
    """The letters as they were last looked at, and what they granted then."""

    at: float = -math.inf
    letters: tuple[Letter, ...] = ()
    resolvers: dict[str, tuple[Permit, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SystemGrants:
    """Asks the letters. What a letter allows at another time of its validity is waited for, and not refused.

    `behind`: networks that are reached only through a host in between. Their addresses mean somebody else here, so nothing
    of them is touched, whatever a letter says. The letters are looked at five times a second, so that what is revoked is
    touched no more a moment later.
    """

    authority: Authority
    clock: Callable[[], datetime]
    behind: frozenset[str] = frozenset()
    _seen: _Seen = field(default_factory=_Seen)

    def resolvers(self, network: str) -> tuple[Permit, ...]:
        """Give the resolvers that may be asked now. Raises NotNowError where a letter grants one at another time."""
        if network in self.behind:
            return ()
        now = self.clock()
        letters = self._letters()
        found = self._seen.resolvers.get(network) or scope.resolvers(letters, network, now)
        self._seen.resolvers[network] = found
        if not found:
            granting = [one for one in letters if (own := one.grounds(network)) is not None and own.resolvers]
            opens = [at for one in granting if (at := scope.next_opening(one, now)) is not None and at > now]
            if opens:
                raise NotNowError(_later(min(opens)))
        return found

    def name_server(self, network: str, address: str, names: Sequence[str]) -> Permit | Refused:
        """Permit a name server that a letter grants, or one that is a target by the method dns."""
        if network in self.behind:
            return Refused(_behind(network))
        question = Question(network, address, PORTS[Method.DNS][0], Method.DNS, names=names)
        decision = scope.decide_name_server(self._letters(), question, self.clock())
        return decision.permit or Refused(decision.why, _bars(decision))

    def service(self, unit: str, network: str, address: str, port: int, names: Sequence[str]) -> Permit | Refused:
        """Permit a web service. Raises NotNowError where a letter allows it at another time."""
        if network in self.behind:
            return Refused(_behind(network))
        question = Question(network, address, port, Method.WEB, unit, names)
        now = self.clock()
        letters = self._letters()
        decision = scope.decide(letters, question, now)
        if decision.permit is not None:
            return decision.permit
        barred = _bars(decision)
        if not barred and any(one.ground is Ground.WINDOW for one in decision.reasons):
            opens = scope.opening(letters, question, now)
            if opens is not None:
                raise NotNowError(_later(opens))
        return Refused(decision.why, barred)

    def bounds(self, number: str) -> tuple[float, float]:
        """Give a letter's own bounds: at once, and new ones in a second."""
        limits = next((one.limits for one in self._letters() if one.number == number), None)
        at_once = limits.concurrency if limits is not None else None
        per_second = limits.per_second if limits is not None else None
        return at_once or float("inf"), per_second or float("inf")

    def _letters(self) -> tuple[Letter, ...]:
        seen = self._seen
        if time.monotonic() - seen.at >= LOOK_SECONDS:
            seen.letters, seen.at = self.authority.letters, time.monotonic()
            seen.resolvers.clear()
        return seen.letters


def _bars(decision: Decision) -> bool:
    """Tell whether a letter denies what was asked for, or calls it classified."""
    return any(one.ground in _BARRING for one in decision.reasons)


def networks_behind(workspace: Workspace) -> frozenset[str]:
    """List the networks whose hosts are asked through a jump host or bastion, by the list of endpoints or the settings."""
    listed = {one.network for one in read_endpoints(folder(workspace.root)) if one.route}
    return frozenset(listed | {one.network for one in workspace.file.access if one.route and one.network})


def _behind(network: str) -> Text:
    return Text(
        f"地址域 {network} 只能经跳板机到达，从这里直接连会连到别人的机器",
        f"the network {network} is reached only through a host in between; from here its addresses are somebody else's",
    )


def _later(opens: datetime) -> Text:
    at = beijing_text(opens)
    return Text(f"不在授权书的时间窗内，下次 {at}", f"outside the hours of the letter, next {at}")
