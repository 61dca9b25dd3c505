"""Sudden silence: hosts that answered until now, and then none does. Something is wrong between us and them: stop, say so."""

from collections.abc import Hashable
from dataclasses import dataclass, field

ENOUGH = 10
SHARE = 0.5


@dataclass(slots=True)
class _Heard:
    answered: int = 0
    silent: int = 0
    streak: int = 0


@dataclass(slots=True)
class Silence:
    """Watches networks. `streak` silent hosts on end, where before at least half of ten or more had answered, is sudden."""

    streak: int
    _heard: dict[Hashable, _Heard] = field(default_factory=dict)

    def note(self, network: Hashable, *, silent: bool) -> bool:
        """Take note of one host; tell whether its network has just fallen silent."""
        heard = self._heard.setdefault(network, _Heard())
        if not silent:
            heard.silent += heard.streak
            heard.streak = 0
            heard.answered += 1
            return False
        heard.streak += 1
        before = heard.answered + heard.silent
        return heard.streak == self.streak and before >= ENOUGH and heard.answered >= SHARE * before
