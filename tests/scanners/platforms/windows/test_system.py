"""Operating systems as Win32_OperatingSystem names them, in its documented shape (see `answering`)."""

import pytest

from scanners.platforms.windows.system import read_system
from tests.scanners.platforms.windows.answering import as_json, captures, cited, system
from xunyan.facts import OperatingSystem


def read(answer: object) -> OperatingSystem:
    (fact,) = read_system(captures(operating_system=answer)).facts
    assert isinstance(fact, OperatingSystem)
    return fact


def test_windows_ten() -> None:
    sources = captures(operating_system=system())
    reading = read_system(sources)
    (fact,) = reading.facts
    assert isinstance(fact, OperatingSystem)
    assert (fact.family, fact.version, fact.kernel, fact.edition) == ("windows", "10.0.19045", "10.0.19045", "desktop")
    assert fact.shown == "Microsoft Windows 10 专业版 10.0.19045"
    assert not fact.corroborated
    assert cited(reading.evidence[0], sources) == [
        '"Caption": "Microsoft Windows 10 专业版",',
        '"Version": "10.0.19045",',
    ]


def test_windows_seven_and_a_server() -> None:
    seven = read(system("Microsoft Windows 7 专业版 ", Version="6.1.7601", CSDVersion="Service Pack 1"))
    assert (seven.service_pack, seven.shown) == ("Service Pack 1", "Microsoft Windows 7 专业版 6.1.7601")
    assert read(system("Microsoft Windows Server 2019 Standard", ProductType=3)).edition == "server"


@pytest.mark.parametrize(
    "caption",
    ["Microsoft Windows 10 神州网信政府版", "CMIT Windows 10 Government Edition", "银河麒麟桌面操作系统V10", ""],
)
def test_whatever_it_calls_itself_it_is_windows(caption: str) -> None:
    assert read(system(caption)).family == "windows"


def test_an_old_code_page() -> None:
    (fact,) = read_system(captures(operating_system=as_json(system()).encode("gb18030"))).facts
    assert isinstance(fact, OperatingSystem)
    assert "专业版" in fact.shown


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"Caption": "Windows"}', '{"Caption": null, "Version": null}', "Windows"]
)
def test_anything_else_is_unreadable(text: str) -> None:
    reading = read_system(captures(operating_system=text))
    assert (reading.facts, reading.evidence) == ((), ())
    assert [source for source, _ in reading.unreadable] == ["operating-system"]
