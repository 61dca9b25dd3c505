"""One farm for all tests of the lab, with a host for each fault, and a client for it."""

from collections.abc import Iterator

import pytest

from lab.farm import Farm
from lab.hosts import make_specs
from lab.keys import Key, make_key
from tests.lab.ssh import FAULTY, MISSING, ROOT, Client


@pytest.fixture(scope="session")
def bastion_key() -> Key:
    return make_key()


@pytest.fixture(scope="session")
def farm(tmp_path_factory: pytest.TempPathFactory, bastion_key: Key) -> Iterator[Farm]:
    if MISSING:
        pytest.skip(f"no {MISSING[0]} here: apt-get install openssh-server openssh-client")
    if not ROOT:
        pytest.skip("hosts with users and faults of their own need root")
    specs = make_specs(17, users={"zhang": "口令 Pa$$"}, keys=[bastion_key.line], faults=FAULTY)
    with Farm(tmp_path_factory.mktemp("farm"), specs) as raised:
        yield raised


@pytest.fixture(scope="session")
def client(farm: Farm, tmp_path_factory: pytest.TempPathFactory) -> Client:
    return Client(tmp_path_factory.mktemp("client"), farm.client_key, farm.known_hosts())
