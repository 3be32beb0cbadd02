"""Waiting on the event loop for what another thread finishes."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future

import pytest

from weakspot.api.landing import Landing


def test_results_and_errors_of_a_group_arrive() -> None:
    async def run() -> list[object]:
        landing = Landing()
        futures: list[Future[int]] = [Future() for _ in range(50)]
        waiting = [asyncio.ensure_future(landing.wait(one)) for one in futures]

        def finish() -> None:
            for number, one in enumerate(futures):
                if number % 7:
                    one.set_result(number)
                else:
                    one.set_exception(ValueError(str(number)))

        thread = threading.Thread(target=finish)
        await asyncio.sleep(0)
        thread.start()
        found = await asyncio.gather(*waiting, return_exceptions=True)
        thread.join()
        return list(found)

    found = asyncio.run(run())
    assert [one for number, one in enumerate(found) if number % 7] == [n for n in range(50) if n % 7]
    assert [str(one) for number, one in enumerate(found) if not number % 7] == [str(n) for n in range(0, 50, 7)]


def test_one_that_is_done_already_is_not_waited_for() -> None:
    async def run() -> int:
        future: Future[int] = Future()
        future.set_result(3)
        return await Landing().wait(future)

    assert asyncio.run(run()) == 3


def test_who_goes_away_does_not_disturb_the_others() -> None:
    async def run() -> int:
        landing = Landing()
        left: Future[int] = Future()
        stays: Future[int] = Future()
        gone = asyncio.ensure_future(landing.wait(left))
        waiting = asyncio.ensure_future(landing.wait(stays))
        await asyncio.sleep(0)
        gone.cancel()
        with pytest.raises(asyncio.CancelledError):
            await gone
        assert not left.cancelled()
        left.set_result(1)
        stays.set_result(2)
        return await waiting

    assert asyncio.run(run()) == 2


def test_what_is_cancelled_elsewhere_cancels_the_waiting() -> None:
    async def run() -> None:
        future: Future[int] = Future()
        future.cancel()
        with pytest.raises(asyncio.CancelledError):
            await Landing().wait(future)

    asyncio.run(run())
