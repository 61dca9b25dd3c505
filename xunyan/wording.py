"""A sentence in the two languages that the product speaks."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Text:
    """One sentence or label. `zh` is what users read by default, `en` its twin that says the same."""

    zh: str
    en: str

    def in_language(self, language: str) -> str:
        """Return the English form for `en`, the Chinese form for anything else."""
        return self.en if language == "en" else self.zh


@dataclass(frozen=True, slots=True)
class Message:
    """What a verdict says, before any language: a key of the control's own texts and the values to put into them."""

    key: str
    args: Mapping[str, str] = field(default_factory=dict)
