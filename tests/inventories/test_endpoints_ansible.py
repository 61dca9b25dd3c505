"""Ansible inventories through the real `ansible-inventory`: what is taken, what is left, and that nothing of theirs runs."""

import os
from pathlib import Path

import pytest

from inventories import ansible
from inventories.records import Taken
from tests.inventories.endpoint_making import notes, read, told, write
from xunyan.errors import InputError
from xunyan.permits import Target

INI = """\
[web]
web[01:03] ansible_user=ops
v6 ansible_host=2001:db8::1 ansible_port=2222 xunyan_unit=卫健委
[win]
pc1 ansible_host=10.1.1.9 ansible_connection=winrm ansible_port=5986
pc2 ansible_host=10.1.1.10 ansible_shell_type=powershell
[web:vars]
xunyan_network=内网
xunyan_route=bastion
xunyan_credential=linux-read
"""


def by_name(taken: Taken) -> dict[str, Target]:
    assert told(taken) == []
    return {one.asset: one for one in taken.targets}


def test_hosts_become_targets_with_what_their_groups_say(tmp_path: Path) -> None:
    found = by_name(read(write(tmp_path / "hosts", INI)))
    assert sorted(found) == ["host:pc1", "host:pc2", "host:v6", "host:web01", "host:web02", "host:web03"]
    web = found["host:web02"]
    assert (web.address, web.network, web.unit, web.user) == ("web02", "内网", "教育局", "ops")
    assert (web.route, web.credential, web.platform, web.port) == ("bastion", "linux-read", "linux", 0)
    six = found["host:v6"]
    assert (six.address, six.port, six.unit, six.origin) == ("2001:db8::1", 2222, "卫健委", "hosts:3")
    assert (found["host:pc1"].platform, found["host:pc1"].port) == ("windows", 5986)
    assert (found["host:pc2"].platform, found["host:pc2"].network) == ("windows", "外网")


@pytest.mark.parametrize("name", ["hosts.yml", "hosts.yaml", "hosts"])
def test_yaml_and_the_variables_beside_it(tmp_path: Path, name: str) -> None:
    text = "all:\n  children:\n    web:\n      hosts:\n        web01: {ansible_host: 10.1.1.1}\n        10.1.1.2:\n"
    file = write(tmp_path / name, text)
    write(tmp_path / "group_vars" / "web" / "unit.yml", "xunyan_unit: 民政局\n")
    write(tmp_path / "host_vars" / "web01.yml", "ansible_port: 2200\nxunyan_site: 二楼\n")
    found = by_name(read(file))
    assert (found["host:web01"].unit, found["host:web01"].port, found["host:web01"].site) == ("民政局", 2200, "二楼")
    assert found["host:10.1.1.2"].address == "10.1.1.2"


def test_secrets_are_counted_and_nowhere_kept(tmp_path: Path) -> None:
    text = "a ansible_host=10.1.1.1 ansible_password=hunter2\nb ansible_host=10.1.1.2 ansible_ssh_private_key_file=/k/hunter2\n"
    file = write(tmp_path / "hosts.ini", text + "c ansible_host=10.1.1.3 ansible_become_pass='{{ vault_pass }}'\n")
    write(tmp_path / "group_vars" / "all" / "vault.yml", "$ANSIBLE_VAULT;1.1;AES256\n3336\n")
    write(tmp_path / "host_vars" / "a.yml", "token: !vault |\n  $ANSIBLE_VAULT;1.1;AES256\n  3336\n")
    taken = read(file)
    assert len(by_name(taken)) == 3
    assert "hunter2" not in repr(taken)
    assert "3 台主机的口令" in notes(taken)
    assert "1 个Vault加密的变量文件" in notes(taken)


def test_a_line_that_cannot_be_parsed_is_not_repeated(tmp_path: Path) -> None:
    file = write(tmp_path / "hosts.ini", "web01 ansible_password=two words\n")
    with pytest.raises(InputError) as refused:
        read(file)
    assert "words" not in str(refused.value.what)
    assert refused.value.where == str(file)


def test_what_redirects_is_ignored_and_other_connections_are_left_out(tmp_path: Path) -> None:
    text = (
        "a ansible_host=10.1.1.1 ansible_ssh_common_args='-o ProxyCommand=\"touch {}\"'\nb ansible_connection=local\n"
    )
    taken = read(
        write(
            tmp_path / "hosts",
            text.replace("{}", str(tmp_path / "X")) + "c ansible_connection=community.docker.docker\n",
        )
    )
    assert [one.asset for one in taken.targets] == ["host:a"]
    assert "ProxyJump），跳板请在 xunyan.toml 的路由里设：a" in notes(taken)
    assert "略过：b、c" in notes(taken)
    assert not (tmp_path / "X").exists()


def test_templates_run_nothing_and_are_refused_by_host(tmp_path: Path) -> None:
    mark = tmp_path / "X"
    hostile = "{{ lookup('pipe', 'touch " + str(mark) + "') }}"
    file = write(
        tmp_path / "hosts.yml",
        f'all:\n  hosts:\n    evil:\n      ansible_host: "{hostile}"\n      ansible_user: "{hostile}"\n',
    )
    write(tmp_path / "group_vars" / "all.yml", f'xunyan_unit: "{hostile}"\nother: !unsafe "{hostile}"\n')
    wrong = told(read(file))
    assert {(place, heading) for place, heading, _ in wrong} == {
        ("主机 evil", "ansible_host"), ("主机 evil", "ansible_user"), ("主机 evil", "xunyan_unit"),
    }  # fmt: skip
    assert not mark.exists()


def test_nothing_beside_the_inventory_or_of_the_user_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A plugin of variables, a plugin of inventories and a configuration that enables them: all stay asleep."""
    mark, beside = tmp_path / "X", tmp_path / "inv"
    plugin = f"import pathlib\npathlib.Path({str(mark)!r}).touch()\n"
    for place in (beside / "vars_plugins", beside / "inventory_plugins", tmp_path / ".ansible" / "plugins" / "vars"):
        write(place / "evil.py", plugin)
        write(place / "ini.py", plugin)
    configuration = (
        f"[defaults]\nvars_plugins = {beside}/vars_plugins\ninventory_plugins = {beside}/inventory_plugins\n"
        "vars_plugins_enabled = evil, host_group_vars\n[inventory]\nenable_plugins = evil, script, ini\n"
    )
    config = write(beside / "ansible.cfg", configuration)
    write(tmp_path / ".ansible.cfg", configuration)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("ANSIBLE_CONFIG", str(config))
    monkeypatch.setenv("ANSIBLE_INVENTORY_PLUGINS", str(beside / "inventory_plugins"))
    monkeypatch.setenv("PYTHONPATH", str(write(tmp_path / "path" / "yaml.py", plugin).parent))
    monkeypatch.chdir(beside)
    assert list(by_name(read(write(beside / "hosts", "web01\n")))) == ["host:web01"]
    assert not mark.exists()


def test_what_runs_is_refused_unless_it_may(tmp_path: Path) -> None:
    mark = tmp_path / "X"
    answer = '{"_meta": {"hostvars": {"a": {"ansible_host": "10.1.1.1"}}}, "all": {"hosts": ["a"]}}'
    script = write(tmp_path / "hosts.sh", f"#!/bin/sh\ntouch {mark}\necho '{answer}'\n")
    plugin = write(tmp_path / "p.yml", "plugin: ansible.builtin.constructed\nstrict: false\n")
    plain = write(tmp_path / "hosts", "web01\n")
    for file, mode in ((script, 0o644), (script, 0o755), (plugin, 0o644), (plain, 0o755)):
        file.chmod(mode)
        with pytest.raises(InputError) as refused:
            read(file)
        assert refused.value.advice is not None
        assert "inventory_plugins" in refused.value.advice.zh
    assert not mark.exists()
    found = by_name(read(script, plugins=True))
    assert found["host:a"].address == "10.1.1.1"
    assert mark.exists()


@pytest.mark.parametrize(
    ("text", "told_of"),
    [
        ("a ansible_host=10.1\n", ("主机 a", "ansible_host")),
        ("a ansible_host=10.1.1.1 ansible_ssh_host=10.1.1.2\n", ("主机 a", "ansible_host / ansible_ssh_host")),
        ("a ansible_port=99999\n", ("主机 a", "ansible_port")),
        ("a xunyan_clasified=true\n", ("主机 a", "xunyan_clasified")),
        ("a ansible_user=-oProxyCommand=x\n", ("主机 a", "ansible_user")),
        ("a ansible_host=[1,2]\n", ("主机 a", "ansible_host")),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_by_host_and_variable(tmp_path: Path, text: str, told_of: tuple[str, str]) -> None:
    taken = read(write(tmp_path / "hosts", text))
    assert told_of in [(place, heading) for place, heading, _ in told(taken)]
    assert taken.targets == []


@pytest.mark.parametrize("connection", ["ssh", "local"])
def test_a_classified_host_refuses_the_file_without_its_name(tmp_path: Path, connection: str) -> None:
    text = f"ok ansible_host=10.1.1.1\nshy ansible_host=10.9.9.9 ansible_connection={connection}\n[g]\nshy\n[g:vars]\nxunyan_classified=true\n"
    taken = read(write(tmp_path / "hosts", text))
    with pytest.raises(InputError) as refused:
        taken.check("hosts")
    assert "第 2 行：标明涉密" in refused.value.what.zh
    assert "shy" not in repr(taken) + refused.value.what.zh
    assert "10.9.9.9" not in repr(taken) + refused.value.what.zh
    ranged = read(
        write(tmp_path / "hosts", "web[1:2]\nsix ansible_host=::ffff:10.9.9.9\n"),
        lambda _, address: address == "10.9.9.9",
    )
    assert [place.zh for place, _ in ranged.classified] == ["第 2 行"]


def test_what_takes_too_long_or_too_much_is_stopped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = "all:\n  vars:\n    a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
        f"    a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 9)
    )
    monkeypatch.setattr(ansible, "SECONDS", 10)  # it takes a minute to reach the bound of memory
    with pytest.raises(InputError):
        read(write(tmp_path / "hosts.yml", bomb + "  hosts:\n    a:\n"))
    monkeypatch.setattr(ansible, "SECONDS", 0.05)
    with pytest.raises(InputError) as refused:
        read(write(tmp_path / "hosts", "a\n"))
    assert "秒内没有读完" in refused.value.what.zh


def test_links_and_pipes_beside_the_inventory_do_no_harm(tmp_path: Path) -> None:
    file = write(tmp_path / "hosts", "a\n")
    (tmp_path / "group_vars").mkdir()
    for name in ("again", "more"):
        (tmp_path / "group_vars" / name).symlink_to(tmp_path / "group_vars")
    with pytest.raises(InputError):
        read(file)
    (tmp_path / "group_vars" / "again").unlink()
    (tmp_path / "group_vars" / "more").unlink()
    os.mkfifo(tmp_path / "group_vars" / "all")
    (tmp_path / "group_vars" / "gone.yml").symlink_to(tmp_path / "nowhere")
    assert len(read(file).targets) == 1


@pytest.mark.parametrize(
    "data", [b"", b"\x7fELF\0\0", b"\xff\xfe\x80", b"$ANSIBLE_VAULT;1.1;AES256\n33\n", b"[all:vars]\nx=1\n"]
)
def test_what_is_no_inventory_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(InputError):
        read(write(tmp_path / "hosts", data)).check("hosts")
