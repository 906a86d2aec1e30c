"""Whether a request goes out once more, and after how long: decided from what came back."""

from collections.abc import Callable
from datetime import datetime

from ouro_cli.wire.outcome import NoAnswer, UpstreamResponse
from ouro_cli.wire.retry_after import retry_after

LONGEST_WAIT = 60.0
"""How many seconds an API may have us wait before we ask again."""

PASSING = frozenset({408, 429, 502, 503, 504})
"""Answers that say that another attempt may end better. A 500 is not one of them: the API ran the
call and failed, and as a rule it fails again."""

FIRST_WAIT = 0.5
"""How many seconds we wait of our own before the second attempt, give or take a half."""

_LONGEST_OWN_WAIT = 8.0


def next_wait(
    answer: UpstreamResponse | NoAnswer,
    *,
    tries: int,
    most_tries: int,
    is_repeatable: bool,
    now: datetime,
    left: float,
    chance: Callable[[], float],
) -> float | None:
    """The seconds to wait before the request goes out again; None where it must not, or need not.

    `tries` counts those that were made, `left` are the seconds that the whole call still has, and
    `chance` gives a number from 0 to 1, so that many who failed at once do not come back at once.
    What never reached the API may be sent again whatever it does; anything else only where
    calling it twice is as good as once.
    """
    if tries >= most_tries:
        return None
    if isinstance(answer, NoAnswer):
        if answer.is_lasting or (answer.was_sent and not is_repeatable):
            return None
        asked = None
    elif answer.status in PASSING and is_repeatable:
        asked = retry_after(answer, now)
    else:
        return None
    if asked is None:
        wait = min(FIRST_WAIT * 2 ** (tries - 1), _LONGEST_OWN_WAIT) * (0.5 + chance())
    else:
        wait = min(asked, LONGEST_WAIT)
    return wait if wait < left else None
