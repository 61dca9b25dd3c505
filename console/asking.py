"""Asking one target: permitted now, asked by a carrier, and what it gave is kept before anything else happens."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from console.collecting import due, labeller, refused, settle
from console.gating import Gate
from console.planning import Orders
from console.ways import Way
from evidence.scans import Done, ScanRecord
from scanners.transports.carrying import Answer, Failure, Order, RouteKind
from scanners.transports.dialing import PAST
from xunyan.canonical import beijing_text
from xunyan.model import Capture, Gap, GapReason
from xunyan.permits import Target
from xunyan.wording import Text

HOP = "hop:"
STOPPING = "stopped"
UNRESOLVED = "name-unresolved"
NOT_AUTHORISED = "not-authorised"


@dataclass(frozen=True, slots=True)
class Result:
    """One target was dealt with: `done`, or put off and still in the plan, since `waits`. `hop`: its way was closed."""

    done: Done | None = None
    waits: Text | None = None
    hop: bool = False


@dataclass(slots=True)
class Asker:
    """What a scan asks with. Many threads share one."""

    record: ScanRecord
    orders: Orders
    gate: Gate
    clock: Callable[[], datetime]
    vantage: str
    kinds: Callable[[Target], str]
    redact: Callable[[Capture | Gap], Capture | Gap]

    def begin(self, place: int, way: Way) -> Order | Result:
        """Permit a target now. Where that is refused its probes end in gaps here, or it waits for its hours."""
        order = self.orders.order(self.record.plan.targets[place], way)
        if isinstance(order, Order):
            if not self.gate.is_stopped(way.credential):
                return order
            return self._keep(
                place, Failure(GapReason.DENIED, f"login-withheld: credential-stopped: {way.credential}"), None
            )
        if order.opens is not None:
            at = beijing_text(order.opens)
            return Result(waits=Text(f"不在授权书的时间窗内，下次 {at}", f"outside the hours of the letter, next {at}"))
        if order.nowhere:
            return self._keep(place, Failure(GapReason.UNREACHABLE, f"{UNRESOLVED}: {order.why.zh}"), None)
        return self._keep(place, Failure(GapReason.OUT_OF_SCOPE, f"{NOT_AUTHORISED}: {order.why.zh}"), None)

    def finish(self, place: int, order: Order, answer: Answer) -> Result:
        """Keep what a target gave. One whose permit ran out, or whose way was closed, was not asked and waits."""
        failure = answer.failure
        if failure is not None and failure.detail in (PAST, f"login-withheld: {PAST}"):
            return Result(waits=Text("授权时间已过", "the hours of the letter are over"))
        if failure is not None and failure.detail == f"login-withheld: {STOPPING}":
            return Result(waits=Text("按要求停止", "stopped as asked"))
        if failure is not None and failure.detail.startswith(HOP):
            return Result(waits=Text(failure.detail, failure.detail), hop=True)
        own = order.route is None or order.route.kind is RouteKind.JUMP  # a bastion shows its own key
        if answer.host_key and order.learn and not order.host_keys and own:
            permit = order.permit
            self.orders.host_keys.record(permit.network, permit.address, permit.port, answer.host_key)
        return self._keep(place, failure, (order, answer))

    def _keep(self, place: int, failure: Failure | None, given: tuple[Order, Answer] | None) -> Result:
        target = self.record.plan.targets[place]
        order, answer = given or (None, Answer(b"", failure))
        label = labeller(
            target,
            self.record.plan.number,
            address=order.permit.address if order else "",
            taken_at=self.clock(),
            taken_by=_by(order, answer) if order else "",
            vantage=self.vantage,
            kind=self.kinds(target),
        )
        ones = (
            settle(answer, target, label, self.redact) if order or failure is None else refused(target, failure, label)
        )
        done = closing(place, target, ones, failure)
        self.record.answer(done, ones)
        return Result(done)


def _by(order: Order, answer: Answer) -> str:
    """Say who asked, and by what means besides a plain login."""
    return "+".join((order.credential.user, *(("sudo",) if answer.sudo else ()), *answer.means))


def closing(place: int, target: Target, ones: Sequence[Capture | Gap], failure: Failure | None) -> Done:
    """Sum up what one target gave: of what was due, so many captures and so many gaps."""
    asked = set(due(target))
    gaps = sum(isinstance(one, Gap) for one in ones if one.envelope.source in asked)
    return Done(
        done=place,
        captures=len(asked) - gaps,
        gaps=gaps,
        reason=failure.reason.value if failure else "",
        detail=failure.detail[:300] if failure else "",
    )
