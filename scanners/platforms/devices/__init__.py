"""Network devices: what each vendor's command line is asked, and what the answers are read into; one package per vendor."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from scanners.platforms.devices import cisco, h3c, huawei, ruijie, zte
from scanners.platforms.devices.commands import Vendor, platform_of
from scanners.platforms.devices.vrf_tables import current, further, list_of
from scanners.platforms.reading import Platform

VENDORS: Mapping[str, Vendor] = {
    "huawei_vrp": huawei.VENDOR,
    "hp_comware": h3c.VENDOR,
    "ruijie_os": ruijie.VENDOR,
    "zte_zxros": zte.VENDOR,
    "cisco_ios": cisco.VENDOR,
}
"""Platform, as netmiko calls it -> the vendor's commands. A new vendor is one package and one entry here."""

PLATFORMS: Mapping[str, Platform] = {
    name: replace(
        platform_of(vendor), current=partial(current, vendor), further=partial(further, vendor), naming=list_of(vendor)
    )
    for name, vendor in VENDORS.items()
}
