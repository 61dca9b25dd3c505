"""Looking at findings loads nothing that only scanning or spreadsheets need: it would double the time to start."""

import subprocess
import sys

from console.cli import VERBS, spoken

HEAVY = ("paramiko", "ansible", "ansible_runner", "dns", "openpyxl", "yaml", "asyncssh", "jinja2", "netmiko")


def test_the_command_line_loads_without_what_carries() -> None:
    program = f"import sys, console.cli; print([name for name in {HEAVY} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_scanning_loads_no_runner_of_local_commands() -> None:
    program = "import sys, console.scan_run, paramiko; print(sys.modules['invoke'], 'unittest.mock' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "None False"


def test_a_verb_is_loaded_when_it_is_called_and_all_where_none_is_certain() -> None:
    assert spoken(["-C", "scan", "--lang", "en", "findings", "--all"]) == ("findings",)
    assert spoken(["--lang=en", "scan", "-h"]) == ("scan",)
    for words in ([], ["--help"], ["fndings"], ["-C", "findings"], ["no", "scan"], ["--help", "scan"], ["-h", "scan"]):
        assert spoken(words) == VERBS


def test_a_scan_by_ssh_loads_nothing_of_ansible_and_netmiko() -> None:
    program = (
        "import sys, console.scan_run; print([name for name in sys.modules if name.startswith(('ansible', 'netmiko'))])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
