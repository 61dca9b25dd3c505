"""The fields of lscpu's text, whatever language it was printed in."""

from collections.abc import Mapping
from functools import lru_cache

from scanners.platforms.reading import KEPT_ANSWERS, lines_of
from xunyan.model import Capture

# Chinese labels as util-linux 2.32-2.38 print them (a real zh_CN run), to the English ones in lower case.
_CHINESE = {
    "架构": "architecture", "厂商 id": "vendor id", "型号名称": "model name", "cpu 系列": "cpu family", "型号": "model",
    "步进": "stepping", "标记": "flags", "超管理器厂商": "hypervisor vendor", "虚拟化类型": "virtualization type",
    "座": "socket(s)", "每个座的核数": "core(s) per socket", "cpu": "cpu(s)", "bios 厂商 id": "bios vendor id",
    "bios 型号名称": "bios model name",
}  # fmt: skip

LscpuFields = Mapping[str, tuple[str, int]]


@lru_cache(maxsize=KEPT_ANSWERS)
def lscpu_fields(capture: Capture) -> LscpuFields:
    """Map each label (English, lower case) to its first value and line number; labels we do not know are kept as shown."""
    fields: dict[str, tuple[str, int]] = {}
    for number, line in enumerate(lines_of(capture), 1):
        label, colon, value = line.replace("：", ":", 1).partition(":")
        if colon:
            name = label.strip().lower()
            fields.setdefault(_CHINESE.get(name, name), (value.strip(), number))
    return fields


def shown(fields: LscpuFields, label: str) -> tuple[str, int]:
    """Give a label's value and line, empty and 0 where it is absent."""
    return fields.get(label, ("", 0))
