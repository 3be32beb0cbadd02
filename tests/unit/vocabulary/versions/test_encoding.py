"""Numbers, refusals, the memory of chunks."""

from hypothesis import given
from hypothesis import strategies as st

from weakspot.vocabulary.versions.encoding import (
    MAX_VERSION_BYTES,
    NUMBER_CEILING,
    NUMBER_FLOOR,
    Chunks,
    descending,
    is_graphic,
    number,
    refused,
)

_digits = st.text("0123456789", max_size=MAX_VERSION_BYTES)


@given(_digits, _digits)
def test_numbers_order_as_integers(a: str, b: str) -> None:
    x, y = int(a or "0"), int(b or "0")
    assert (number(a) < number(b)) == (x < y)
    assert (number(a) == number(b)) == (x == y)


@given(_digits)
def test_numbers_start_inside_their_range(digits: str) -> None:
    assert NUMBER_FLOOR <= number(digits)[0] <= NUMBER_CEILING


def test_length_of_length() -> None:
    sizes = [1, 9, 10, 206, 207, 208, 209, 255, 256, 511, 512]
    keys = [number("9" * size) for size in sizes]
    assert keys == sorted(set(keys))


def test_descending() -> None:
    assert descending(512) < descending(2) < descending(1)


@given(st.text())
def test_refused_is_bounded_and_marked(text: str) -> None:
    assert refused(text)[0] == 0
    assert len(refused(text)) <= MAX_VERSION_BYTES + 1


def test_refused_takes_lone_surrogates() -> None:
    assert refused("\ud800") != refused("\udfff")


def test_graphic() -> None:
    assert is_graphic("1.0~rc-1")
    for text in ("", " ", "1 0", "1\n", "1\x00", "é", "1" * 513):
        assert not is_graphic(text)


def test_the_memory_is_bounded() -> None:
    calls: list[str] = []

    def encode(text: str) -> bytes:
        calls.append(text)
        return text.encode()

    chunks = Chunks(encode)
    for count in range(40_000):
        chunks[str(count)]
    assert len(chunks) <= 32_768
    calls.clear()
    assert chunks["39999"] == b"39999"
    assert chunks["x" * 25] == chunks["x" * 25] == b"x" * 25
    assert calls == ["x" * 25] * 2
