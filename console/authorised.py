"""The authorisations of a workspace at work: a target becomes a permit, or a refusal that names the letter."""

import ipaddress
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime

from console.workspace import Workspace
from inventories import scope
from inventories.authorisations import FOLDER, load_letters
from inventories.letters import Letter
from inventories.scope import Decision, Question, Service
from scanners.transports.dialing import DialError
from scanners.transports.dns import Resolved, ResolveError, resolve
from xunyan.errors import UsageError
from xunyan.permits import PORTS, Method, Permit, Target
from xunyan.wording import Text

TELNET = "telnet"
"""The carrier of devices that have no SSH; a letter has to name the method."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """A target is not to be touched now. `opens`: when a letter allows it next, where one does; so it waits.

    `nowhere`: its name leads to no address, so there was nothing to judge.
    """

    why: Text
    opens: datetime | None = None
    nowhere: bool = False


class Authority:
    """The letters in force, read again when a file among them changes, so that a revocation takes hold at once."""

    def __init__(self, workspace: Workspace, clock: Callable[[], datetime], resolve_seconds: float = 5.0) -> None:
        self._workspace = workspace
        self._clock = clock
        self._seconds = resolve_seconds
        self._folder = workspace.root / FOLDER
        self._seen: tuple[tuple[str, int, int], ...] = ()
        self._lock = threading.Lock()
        self._letters = self._load()

    @property
    def letters(self) -> tuple[Letter, ...]:
        """The letters as they are on disk now. Raises InputError where one cannot be read."""
        with self._lock:  # nobody goes on with the old ones while another reads the new
            if self._look() != self._seen:
                self._letters = self._load()
            return self._letters

    def permit(self, target: Target) -> Permit | Refusal:
        """Judge a target by every address that it has, and permit the first; a single refusal refuses it.

        A name is resolved by a granted name server now, and what was judged is what the permit names.
        """
        resolved = self._addresses(target)
        if isinstance(resolved, Refusal):
            return resolved
        found: list[Permit] = []
        for address in resolved.addresses:
            question = self.question(target, address, resolved.names)
            decision = scope.decide(self.letters, question, self._clock())
            if decision.permit is None:
                return self.refusal(decision, question)
            found.append(decision.permit)
        return found[0]

    def allowing(self, target: Target) -> str | None:
        """Name the letter that allows a target now, or None."""
        found = self.permit(target)
        return found.authorisation if isinstance(found, Permit) else None

    def letters_of(self, target: Target) -> tuple[str, ...]:
        """Name the letters whose bounds hold for a target: the one that allows it, or all in force for a name."""
        now = self._clock()
        if not is_address(target.address):
            return tuple(letter.number for letter in scope.in_force(self.letters, now))
        decision = scope.decide(self.letters, self.question(target, target.address), now)
        return (decision.permit.authorisation,) if decision.permit is not None else ()

    def question(self, target: Target, address: str, names: tuple[str, ...] = ()) -> Question:
        """Put the question whether a target may be asked at an address."""
        method = method_of(target)
        port = target.port or PORTS[method][-1 if method is Method.WINRM else 0]
        return Question(target.network, address, port, method, target.unit, names)

    def refusal(self, decision: Decision, question: Question) -> Refusal:
        """Say why a decision is no, and whether it will be yes at another time."""
        return Refusal(decision.why, scope.opening(self.letters, question, self._clock()))

    def hop(self, network: str, address: str, port: int) -> Permit | Refusal:
        """Permit a jump host or bastion, which a letter grants under its services."""
        decision = scope.decide_service(self.letters, network, address, port, Service.JUMP_HOST, self._clock())
        return decision.permit if decision.permit is not None else Refusal(decision.why)

    def _addresses(self, target: Target) -> Resolved | Refusal:
        if is_address(target.address):
            return Resolved((), (target.address,))
        return self._resolve(target)

    def _resolve(self, target: Target) -> Resolved | Refusal:
        now = self._clock()
        servers = scope.resolvers(self.letters, target.network, now)
        if not servers:
            granting = [
                one for one in self.letters if (own := one.grounds(target.network)) is not None and own.resolvers
            ]
            opens = [at for one in granting if (at := scope.next_opening(one, now)) is not None and at > now]
            return Refusal(
                Text(
                    f"“{target.address}”是名称，地址域 {target.network} 没有授权可用的DNS服务器（授权书的 resolvers）",
                    f"{target.address!r} is a name, and no letter grants a name server in {target.network} (resolvers)",
                ),
                min(opens, default=None),
            )
        try:
            return resolve(target.address, servers[0], self._seconds)
        except (ResolveError, DialError) as error:
            detail = str(error)
            why = Text(f"“{target.address}”解析不出：{detail}", f"{target.address!r} does not resolve: {detail}")
            return Refusal(why, nowhere=True)

    def _load(self) -> tuple[Letter, ...]:
        seen = self._look()
        found = load_letters(self._folder, self._workspace.file.scope, self._workspace.root)
        self._seen = seen  # not before: letters that cannot be read are tried again, and the old ones count no more
        return found

    def _look(self) -> tuple[tuple[str, int, int], ...]:
        if not self._folder.is_dir():
            return ()
        found = []
        for path in sorted(self._folder.iterdir()):
            with suppress(FileNotFoundError):  # an editor's own file, gone between the two looks
                status = path.stat()
                found.append((path.name, status.st_mtime_ns, status.st_size))
        return tuple(found)


def is_address(text: str) -> bool:
    """Tell an IP address from a name."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def method_of(target: Target) -> Method:
    """Name the method by which a target is asked."""
    if target.platform == "windows":
        return Method.WINRM
    return Method.TELNET if target.carrier == TELNET else Method.SSH


def classified_check(workspace: Workspace) -> Callable[[str, str], bool]:
    """Give what tells whether an address is classified by any letter, for those who take inventories in."""
    letters = load_letters(workspace.root / FOLDER, workspace.file.scope, workspace.root)
    return lambda network, address: scope.classified(letters, network, address)


def nothing_authorised(reasons: list[Text]) -> UsageError:
    """Say that not one target may be touched, and why."""
    shown = list(dict.fromkeys(reasons))[:10]
    return UsageError(
        Text(
            "没有一个目标在授权范围内，没有发出任何数据包：\n" + "\n".join(f"  {one.zh}" for one in shown),
            "not one target is authorised, and no packet was sent:\n" + "\n".join(f"  {one.en}" for one in shown),
        ),
        advice=Text(
            "用 xunyan scope show 查看授权书，xunyan scope check 目标 查看为什么不行",
            "see xunyan scope show for the letters, and xunyan scope check TARGET for why not",
        ),
    )
