"""Which system an endpoint runs, from the words that people and management products use for it."""

SKIPPED = frozenset({"skip", "略过"})
"""What a mapping writes for systems that are not to be asked, such as printers and phones."""

_WINDOWS = ("windows", "win", "microsoft windows", "微软")
_LINUX = (
    "linux", "麒麟", "kylin", "uos", "统信", "deepin", "深度", "ubuntu", "debian", "centos", "red hat", "redhat", "rhel",
    "suse", "fedora", "euler", "欧拉", "anolis", "龙蜥", "方德", "nfs desktop", "普华", "凝思", "rocky", "alma", "alpine",
)  # fmt: skip


def read_platform(text: str) -> str | None:
    """Return `linux` or `windows`; nothing written is `linux`; None for what is neither, such as a printer."""
    word = text.strip().casefold()
    if word.startswith(_WINDOWS):
        return "windows"
    return "linux" if not word or any(name in word for name in _LINUX) else None
