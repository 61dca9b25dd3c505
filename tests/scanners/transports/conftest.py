"""What tests of the transports share."""

from collections.abc import Iterator

import pytest

from tests.scanners.transports.serving import sockets


@pytest.fixture
def no_socket_is_left() -> Iterator[None]:
    before = sockets()
    yield
    assert sockets() <= before  # those of earlier tests may be collected meanwhile
