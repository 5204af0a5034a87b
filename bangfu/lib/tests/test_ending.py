"""A program that ends is told of once; a long job asks."""

from __future__ import annotations

import pytest

from bangfu.lib import ending


@pytest.fixture
def told(monkeypatch):
    import threading

    monkeypatch.setattr(ending, "_told", threading.Event())


def test_a_job_goes_on_until_told(told):
    ending.check()
    assert not ending.told() and not ending.wait(0)


def test_once_told_a_job_gives_up(told):
    ending.tell()
    assert ending.told() and ending.wait(60)
    with pytest.raises(ending.Ended):
        ending.check()
