"""What a person says of one call alone: kept with its request, and only where it was said."""

import pytest

from ouro_cli.wire.manner import Manner, manner_of, without_leave


@pytest.mark.parametrize(
    "manner",
    [Manner(), Manner(no_retry=True), Manner(insecure=True), Manner(allow_proxy=True)],
)
def test_it_is_read_back_as_it_was_said(manner: Manner) -> None:
    assert manner_of({"body": {}, **manner.as_request()}) == manner


def test_where_nothing_was_said_nothing_is_kept() -> None:
    assert Manner().as_request() == {}


def test_a_word_that_is_not_true_is_none() -> None:
    assert manner_of({"insecure": "yes", "no_retry": 1}) == Manner()


def test_leave_is_not_taken_over_and_the_rest_is() -> None:
    said = Manner(no_retry=True, insecure=True, allow_proxy=True).as_request()
    assert without_leave({"body": 1, **said}) == {"body": 1, "no_retry": True}
