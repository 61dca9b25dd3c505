"""Rates over the estate and per unit: how many of those that should be right are known to be. Pure."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from controls.model import Profile, Target
from xunyan.model import Asset, Status
from xunyan.wording import Text

RATES: Mapping[str, tuple[tuple[str, ...], Text]] = {
    "domestic-cpu-rate": (("domestic/cpu",), Text("国产CPU占比", "domestic CPU rate")),
    "domestic-os-rate": (("domestic/operating-system",), Text("国产操作系统占比", "domestic operating system rate")),
    "evaluated-product-rate": (
        ("domestic/evaluated-product",),
        Text("安全可靠测评产品占比", "evaluated product rate"),
    ),
    "ipv6-endpoint-rate": (("ipv6/endpoint-address",), Text("终端IPv6地址配置率", "endpoint IPv6 rate")),
    "cloud-migration-rate": (
        ("systems/not-on-government-cloud",),
        Text("系统上云率", "cloud migration rate"),
    ),
    "ipv6-link-rate": (("ipv6/link-dual-stack",), Text("链路双栈率", "dual stack rate of links")),
    "private-network-merge-rate": (
        ("extranet/private-line-not-merged",),
        Text("专网整合率", "private network merge rate"),
    ),
    "ipv6-system-rate": (
        ("ipv6/dns-aaaa", "ipv6/service-reachable", "ipv6/service-parity"),
        Text("系统IPv6支持率", "IPv6 rate of systems"),
    ),
}
"""Rate -> the controls whose verdicts it counts, and its name. Of several, an asset counts by the worst of its own."""


_WORST = (Status.NOT_SATISFIED, Status.NEEDS_PERSON, Status.NOT_OBSERVED, Status.SATISFIED)
_EXEMPTIBLE = (Status.NOT_SATISFIED, Status.NEEDS_PERSON)

NO_UNIT = "-"
"""The unit under which assets are counted that nobody gave one."""


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate of one unit (empty for the whole estate).

    `denominator` counts every asset the duty applies to; those not observed or waiting for a person are in it and are
    never counted as right. `exempted` are those of the others of which an approved exemption covers whatever is not right:
    they stay wrong, and are right in `percent_exempted` alone. Both are None where there is nothing to count.
    """

    metric: str
    unit: str
    numerator: int
    denominator: int
    wrong: int
    needs_person: int
    unobserved: int
    exempted: int
    target: Target | None

    @property
    def percent(self) -> float | None:
        """The rate in percent, cut to two places: 100.00 is said only of all, and no rounding up reaches a target."""
        return self._percent(self.numerator)

    @property
    def percent_exempted(self) -> float | None:
        """The same with those exempted counted beside those that are right; no target is measured by it."""
        return self._percent(self.numerator + self.exempted)

    def _percent(self, of: int) -> float | None:
        return 10000 * of // self.denominator / 100 if self.denominator else None

    @property
    def met(self) -> bool | None:
        """Whether the target is reached; None without a target or without anything to count."""
        if self.target is None or self.percent is None:
            return None
        return 100 * self.numerator >= self.target.at_least * self.denominator


def rates(
    verdicts: Iterable[tuple[str, str, Status]],
    assets: Mapping[str, Asset],
    profile: Profile,
    exempted: Collection[tuple[str, str]] = frozenset(),
) -> list[Rate]:
    """Count (control, asset, status) into rates: the estate first, then each unit by name.

    `exempted`: (control, asset) of what an approved exemption covers; what is right or was not seen has none.
    """
    counted = {control for controls, _ in RATES.values() for control in controls}
    by_asset: dict[str, dict[str, Status]] = {}
    for control, asset, status in verdicts:
        if status is not Status.NOT_APPLICABLE and control in counted:
            by_asset.setdefault(asset, {})[control] = status
    counts: dict[tuple[str, str], dict[Status, int]] = {}
    overlaid: dict[tuple[str, str], int] = {}
    for asset, statuses in by_asset.items():
        for metric, (controls, _) in RATES.items():
            own = {control: statuses[control] for control in controls if control in statuses}
            if not own:
                continue
            status = min(own.values(), key=_WORST.index)
            wrong = [control for control, one in own.items() if one is not Status.SATISFIED]
            spared = status in _EXEMPTIBLE and all(
                own[control] in _EXEMPTIBLE and (control, asset) in exempted for control in wrong
            )
            for unit in ("", assets[asset].unit or NO_UNIT):
                by_status = counts.setdefault((metric, unit), {})
                by_status[status] = by_status.get(status, 0) + 1
                overlaid[metric, unit] = overlaid.get((metric, unit), 0) + spared
    targets = {target.metric: target for target in profile.targets}
    return [
        _rate(metric, unit, counts[metric, unit], overlaid[metric, unit], targets.get(metric))
        for unit in sorted({unit for _, unit in counts} | {""})
        for metric in RATES
        if (metric, unit) in counts
    ]


def _rate(metric: str, unit: str, count: Mapping[Status, int], exempted: int, target: Target | None) -> Rate:
    return Rate(
        metric=metric,
        unit=unit,
        numerator=count.get(Status.SATISFIED, 0),
        denominator=sum(count.values()),
        wrong=count.get(Status.NOT_SATISFIED, 0),
        needs_person=count.get(Status.NEEDS_PERSON, 0),
        unobserved=count.get(Status.NOT_OBSERVED, 0),
        exempted=exempted,
        target=target,
    )
