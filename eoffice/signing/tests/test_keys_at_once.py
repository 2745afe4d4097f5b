"""Real parallel transactions: guesses, first starts, two windows."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from eoffice.core.errors import ExpectedError
from eoffice.signing import services
from eoffice.signing.errors import KeyExists, KeyLocked, PinWrong
from eoffice.signing.models import CertificateAuthority, SigningKey
from eoffice.signing.tests.factories import NOW, PIN, make_cast

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(times: int, work: Callable[[], object]) -> list[type[ExpectedError] | None]:
    def run(_: int) -> type[ExpectedError] | None:
        try:
            work()
        except ExpectedError as error:
            return type(error)
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(times) as pool:
        return list(pool.map(run, range(times)))


def test_parallel_wrong_pins_never_get_more_than_five_tries():
    cast = make_cast()
    services.set_pin(actor=cast.leader, pin=PIN, now=NOW)

    outcomes = at_once(12, lambda: services.unlock(actor=cast.leader, pin="999000", now=NOW))

    assert outcomes.count(PinWrong) == 4
    assert outcomes.count(KeyLocked) == 8
    with pytest.raises(KeyLocked):
        services.unlock(actor=cast.leader, pin=PIN, now=NOW)


def test_two_windows_make_one_key():
    cast = make_cast()

    outcomes = at_once(4, lambda: services.set_pin(actor=cast.leader, pin=PIN, now=NOW))

    assert (outcomes.count(None), outcomes.count(KeyExists)) == (1, 3)
    assert SigningKey.objects.count() == 1


def test_two_first_starts_agree_on_one_authority():
    outcomes = at_once(4, lambda: services.ensure_authority(now=NOW))

    assert outcomes == [None] * 4
    assert CertificateAuthority.objects.count() == 2
    assert len({services.ensure_authority(now=NOW).issuing.der for _ in range(2)}) == 1
