"""The five questions that an acceptance review asks, the areas of controls that answer each, and what belongs to it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from console.language import Voice
from reports.model import Check, Question
from xunyan.wording import Text


@dataclass(frozen=True, slots=True)
class Asked:
    """One question. `parts`: every control that the whole answer takes, whether the catalogue has it yet or not."""

    title: Text
    area: str
    parts: Mapping[str, Text]


QUESTIONS: tuple[Asked, ...] = (
    Asked(
        Text("有没有自建机房或私有云？", "Is there a private machine room or a private cloud?"),
        "rooms",
        {
            "rooms/unregistered-room": Text("未登记的机房", "rooms that are not registered"),
            "rooms/registered-room-not-migrated": Text("已登记而未迁移的机房", "registered rooms not yet migrated"),
            "rooms/private-cloud-platform": Text("私有云平台", "private cloud platforms"),
            "rooms/new-server-hardware": Text("新增服务器", "new server hardware"),
        },
    ),
    Asked(
        Text("哪些非涉密系统没有上政务云？", "Which non-classified systems are not on the government cloud?"),
        "systems",
        {
            "systems/not-on-government-cloud": Text("部署位置", "where systems run"),
            "systems/declared-place-contradicted": Text("申报与实测的差异", "declared against observed places"),
            "systems/undeclared-system": Text("未申报的系统", "systems that were not declared"),
            "systems/declared-but-dead": Text("申报而没有应答的系统", "declared systems that do not answer"),
            "systems/depends-on-private-room": Text("仍依赖自建机房的系统", "systems that still depend on a room"),
            "systems/shared-platform-not-connected": Text(
                "没有对接共用平台的系统", "systems not connected to the shared platform"
            ),
        },
    ),
    Asked(
        Text("哪里缺IPv6双栈，断在哪一跳？", "Where is IPv6 dual stack missing, and at which hop?"),
        "ipv6",
        {
            "ipv6/endpoint-address": Text("终端和服务器的地址", "addresses of endpoints"),
            "ipv6/link-dual-stack": Text("线路", "links"),
            "ipv6/routing-dual-stack": Text("路由", "routing"),
            "ipv6/device-acl-parity": Text("设备访问控制", "access lists of devices"),
            "ipv6/cloud-subnet": Text("云上子网", "cloud subnets"),
            "ipv6/dns-aaaa": Text("域名AAAA记录", "AAAA records"),
            "ipv6/nameserver-chain": Text("域名服务器", "name servers"),
            "ipv6/service-reachable": Text("服务可达", "services over IPv6"),
            "ipv6/service-parity": Text("两栈内容一致", "the same content over both"),
            "ipv6/inner-links": Text("页面内链", "inner links"),
        },
    ),
    Asked(
        Text("等级保护测评缺什么？", "What is missing in protection-level testing?"),
        "protection",
        {
            "protection/not-graded": Text("定级", "grading"),
            "protection/not-filed": Text("备案", "filing"),
            "protection/report-missing": Text("测评报告", "test reports"),
            "protection/report-expired": Text("报告期限", "their age"),
            "protection/conclusion-fails": Text("测评结论", "their conclusions"),
            "protection/crypto-assessment": Text("密码应用安全性评估", "assessment of cryptography"),
        },
    ),
    Asked(
        Text(
            "哪些机器用的不是通过安全可靠测评的国产CPU和操作系统？",
            "Which machines do not stand on a domestic CPU and system that passed the evaluation?",
        ),
        "domestic",
        {
            "domestic/cpu": Text("国产CPU", "domestic CPU"),
            "domestic/operating-system": Text("国产操作系统", "domestic operating system"),
            "domestic/evaluated-product": Text("安全可靠测评名录", "the list of evaluated products"),
        },
    ),
)

RATES_TO_COME: Mapping[str, Text] = {
    "protection-test-rate": Text("等级保护测评率", "protection-level testing rate"),
    "unified-supervision-rate": Text("终端统一监管率", "unified supervision rate"),
    "private-room-count": Text("自建机房数", "private machine rooms"),
}
"""Rates for which a profile may set a target although nothing counts them yet: then they are shown as not looked at."""


def answered(checks: Iterable[Check], say: Voice) -> tuple[Question, ...]:
    """Answer the five questions from what was judged. What no verdict speaks of was not looked at, and is no good news."""
    judged = {one.id: one for one in checks if one.tally.due}
    return tuple(_answer(asked, judged, say) for asked in QUESTIONS)


def _answer(asked: Asked, judged: Mapping[str, Check], say: Voice) -> Question:
    own = tuple(one for identifier, one in judged.items() if identifier.partition("/")[0] == asked.area)
    if not own:
        state = "unlooked"
    elif any(one.tally.not_satisfied for one in own):
        state = "wrong"
    elif any(one.tally.needs_person or one.tally.not_observed for one in own):
        state = "unsure"
    else:
        state = "right"
    unlooked = tuple(say.text(text) for identifier, text in asked.parts.items() if identifier not in judged)
    return Question(say.text(asked.title), state, own, unlooked)
