"""Which system an endpoint or network device runs, from the words that people and management products use for it."""

from collections.abc import Mapping

SKIPPED = frozenset({"skip", "略过"})
"""What a mapping writes for systems that are not to be asked, such as printers and phones."""

_WINDOWS = ("windows", "win", "microsoft windows", "微软")
_LINUX = (
    "linux", "麒麟", "kylin", "uos", "统信", "deepin", "深度", "ubuntu", "debian", "centos", "red hat", "redhat", "rhel",
    "suse", "fedora", "euler", "欧拉", "anolis", "龙蜥", "方德", "nfs desktop", "普华", "凝思", "rocky", "alma", "alpine",
)  # fmt: skip


DEVICES: Mapping[str, tuple[str, ...]] = {
    "huawei_vrp": ("huawei_vrp", "huawei", "huawei vrp", "vrp", "华为", "华为vrp", "huawei_vrpv8"),
    "hp_comware": ("hp_comware", "h3c", "h3c_comware", "comware", "h3c comware", "华三", "新华三"),
    "ruijie_os": ("ruijie_os", "ruijie", "rgos", "锐捷"),
    "zte_zxros": ("zte_zxros", "zte", "zxros", "中兴"),
    "cisco_ios": ("cisco_ios", "cisco", "cisco ios", "cisco ios xe", "cisco_xe", "思科"),
}
"""Platform of a network device, as netmiko calls it -> the words for it, exactly: of none of them is a part enough."""

NETWORK_OS: Mapping[str, str] = {
    **dict.fromkeys(("community.network.ce", "ce", "huawei", "huawei_vrp", "vrp"), "huawei_vrp"),
    **dict.fromkeys(("comware", "h3c", "hp_comware"), "hp_comware"),
    **dict.fromkeys(("ruijie", "rgos", "ruijie_os"), "ruijie_os"),
    **dict.fromkeys(("zte", "zxros", "zte_zxros"), "zte_zxros"),
    **dict.fromkeys(("cisco.ios.ios", "ios", "cisco_ios"), "cisco_ios"),
}
"""What `ansible_network_os` says -> the platform, exactly."""

_DEVICE_WORDS = {word: platform for platform, words in DEVICES.items() for word in words}


def read_platform(text: str) -> str | None:
    """Return `linux`, `windows` or a device's platform; nothing written is `linux`; None for others, such as a printer."""
    word = text.strip().casefold()
    if word in _DEVICE_WORDS:
        return _DEVICE_WORDS[word]
    if word.startswith(_WINDOWS):
        return "windows"
    return "linux" if not word or any(name in word for name in _LINUX) else None
