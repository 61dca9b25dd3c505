"""Raises a scenario, has the product scan and judge it by its ordinary commands, and compares what it found with the truth."""

import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from lab.comparing import Comparison, Verdict, compare
from lab.grounds.choosing import choose
from lab.grounds.facts import facts
from lab.grounds.ground import Ground, Say
from lab.grounds.namespaces import CAPTURES, Namespaces
from lab.packets.proof import Proof, prove
from lab.places import leave, new_place
from lab.product import Product
from lab.scenario.counting import DEVICE, KIND, LINK, SYSTEM, UNIT, system_key
from lab.scenario.model import Scenario
from lab.scenario.problem import listed
from lab.standing import STATE, Standing, write_standing
from lab.workspaces import MARK, asked, make_workspace, secrets_of
from xunyan.errors import UsageError
from xunyan.wording import Text

REPORT, PACKAGE = "report.html", "evidence.zip"


@dataclass(frozen=True, slots=True)
class Shown:
    """What came of a demonstration."""

    scenario: Scenario
    ground: str
    workspace: Path
    comparison: Comparison
    proof: Proof | None
    lacks: tuple[Text, ...]
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def exact(self) -> bool:
        """Whether everything was found and nothing else, and no packet went where it must not."""
        return self.comparison.exact and (self.proof is None or self.proof.clean)

    @property
    def report(self) -> Path:
        """The report in HTML."""
        return self.workspace / REPORT

    @property
    def package(self) -> Path:
        """The evidence package."""
        return self.workspace / PACKAGE


@dataclass(frozen=True, slots=True)
class Wishes:
    """What is asked for: the ground by name ("" to choose), whether the lab stays, the language, progress on our stderr."""

    workspace: Path
    ground: str = ""
    keep: bool = False
    language: str = "zh"
    shown: bool = False


def demonstrate(scenario: Scenario, wishes: Wishes, say: Say) -> Shown:
    """Do all of it. Raises XunyanError where something cannot be raised or a command of the product fails."""
    check_workspace(wishes.workspace)
    folder, held = new_place()
    seconds: dict[str, float] = {}
    ground = None
    kept = False
    try:
        ground = choose(wishes.ground, folder / "lab", scenario, held=held, say=say)
        _timed(seconds, "raise", lambda: ground.start(say))
        product = Product(wishes.workspace, ground, wishes.language, secrets_of(scenario))
        say(
            Text(
                "建工作区：授权书、凭据、主机密钥、终端名单、台账",
                "a workspace: letters, logins, host keys, endpoints, ledgers",
            )
        )
        shutil.rmtree(wishes.workspace, ignore_errors=True)
        _timed(seconds, "workspace", lambda: make_workspace(scenario, product))
        say(_scanning(scenario, ground))
        _timed(seconds, "scan", lambda: product.run("scan", inside=True, shown=wishes.shown))
        say(Text("出报告，打证据包", "report and evidence package"))
        _timed(seconds, "papers", lambda: _papers(product))
        say(Text("与场景的真相比对", "comparing with the truth of the scenario"))
        comparison = compared(scenario, product)
        proof = _proved(scenario, ground, say)
        shown = Shown(scenario, ground.name, wishes.workspace, comparison, proof, tuple(ground.lacks()), seconds)
        if wishes.keep:
            standing = Standing(scenario.name, str(folder), **ground.state())  # type: ignore[arg-type]  # its own keys
            write_standing(wishes.workspace, standing, product.secrets)
            ground.keep()
            kept = True
        else:
            disarm(scenario, product)
        return shown
    finally:
        if not kept:
            if ground is not None:
                ground.stop()
            leave(folder, held)
        else:
            os.close(held)


def _scanning(scenario: Scenario, ground: Ground) -> Text:
    counts = [(len(asked(scenario)), "台主机", "hosts")]
    if ground.shows_systems:
        devices = [one for one in scenario.devices if listed(one)]
        counts += [(len(devices), "台网络设备", "devices"), (len(scenario.systems), "个系统", "systems")]
    zh = "、".join(f"{count} {what}" for count, what, _ in counts if count)
    en = ", ".join(f"{count} {what}" for count, _, what in counts if count)
    return Text(f"扫描 {zh}（xunyan scan）", f"scanning {en} (xunyan scan)")


def check_workspace(workspace: Path) -> None:
    """Raise UsageError where what is there may not be replaced: it is not one of ours, or its lab still stands."""
    if not workspace.exists() or (workspace.is_dir() and not any(workspace.iterdir())):
        return
    if not (workspace / MARK).exists():
        raise UsageError(
            Text(
                "已存在，不是演示工作区，不动它", "it exists and is no workspace of a demonstration; it is left alone"
            ),
            where=str(workspace),
            advice=Text("用 --workspace 另指一个文件夹", "name another folder with --workspace"),
        )
    if (workspace / STATE).exists():
        raise UsageError(
            Text("上次留着的实验环境还立着", "the lab that was kept here still stands"),
            where=str(workspace),
            advice=Text(
                f"先撤掉：xunyan demo --lower --workspace {workspace}",
                f"take it down: xunyan demo --lower --workspace {workspace}",
            ),
        )


def disarm(scenario: Scenario, product: Product) -> None:
    """Revoke the letters: the lab is gone, and its addresses may be somebody's outside."""
    for letter in scenario.authorisations:
        if not letter.revoked:
            product.run(
                "scope", "revoke", letter.number, "--by", "xunyan demo", "--reason", "实验环境已拆除 / the lab is gone"
            )


def _timed(seconds: dict[str, float], name: str, do: Callable[[], object]) -> None:
    began = time.monotonic()
    do()
    seconds[name] = round(time.monotonic() - began, 2)


def _papers(product: Product) -> None:
    product.run("report", "-o", product.workspace / REPORT)
    product.run("evidence", "pack", "-o", product.workspace / PACKAGE)


def compared(scenario: Scenario, product: Product) -> Comparison:
    """Compare the findings of the product with the scenario, as far as its hosts and systems can stand on this ground."""
    ground = product.ground
    names = {KIND + host.name for host in asked(scenario) if ground.shows(host)}
    names |= {system_key(one) for one in scenario.systems if ground.shows_systems}
    names |= {DEVICE + one.name for one in scenario.devices if listed(one) and ground.shows_systems}
    hosts = {KIND + host.name for host in scenario.hosts if not ground.shows(host)} - _never(scenario)

    def hidden(asset: str | list[str]) -> bool:
        return asset in hosts or (str(asset).startswith((SYSTEM, DEVICE, LINK, UNIT)) and not ground.shows_systems)

    rows = product.records("findings", "--all")
    verdicts = [Verdict(row["control"], row["asset"]["key"], row["status"]) for row in rows]
    return compare(
        [one for one in verdicts if not hidden(one.asset)],
        [row for row in scenario.expect if not hidden(row.asset)],
        sorted(names),
        gaps=[row for row in scenario.gaps if not hidden(row.asset)],
        unread={asset: why for asset, why in product.unread().items() if not hidden(asset)},
    )


def _never(scenario: Scenario) -> set[str]:
    """Hosts without SSH: on no ground is anything expected of them as endpoints, and whatever is found is an alarm."""
    return {KIND + host.name for host in scenario.hosts if not host.ssh}


def _proved(scenario: Scenario, ground: Ground, say: Say) -> Proof | None:
    if not isinstance(ground, Namespaces):
        return None
    say(Text("逐包核对抓包", "checking every captured packet"))
    ground.finish_capture()
    return prove(ground.folder / CAPTURES, facts(scenario))


def as_json(shown: Shown) -> str:
    """The result as one object, in the form that scripts read."""
    comparison, total = shown.comparison, shown.comparison.total

    def rows(name: str) -> list[dict[str, str]]:
        return [
            {"control": one.control, "asset": one.asset, "expected": one.expected, "got": one.got}
            for one in getattr(comparison, name)
        ]

    proof = shown.proof
    table = {
        "schema": "xunyan.demo/1",
        "scenario": shown.scenario.name,
        "ground": shown.ground,
        "exact": shown.exact,
        "precision": total.precision,
        "recall": total.recall,
        "areas": {
            name: {"precision": area.precision, "recall": area.recall, "expected": area.expected, "found": area.found}
            for name, area in comparison.areas.items()
        },
        "verdicts": comparison.verdicts,
        "missed": rows("missed"),
        "false_alarms": rows("false_alarms"),
        "unread": rows("unread"),
        "packets": None
        if proof is None
        else {"seen": proof.packets, "dropped": proof.drops, "violations": len(proof.violations), "whole": proof.valid},
        "not_shown": [one.zh for one in shown.lacks],
        "seconds": dict(shown.seconds),
        "workspace": str(shown.workspace.resolve()),
        "report": str(shown.report.resolve()),
        "package": str(shown.package.resolve()),
    }
    return json.dumps(table, ensure_ascii=False, indent=1)
