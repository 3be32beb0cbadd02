"""Plain sequences of numbers."""

from weakspot.vocabulary.versions.numeric import sequence_key


def test_a_longer_sequence_is_later() -> None:
    ordered = [["0"], ["1"], ["1", "0"], ["1", "0", "0"], ["1", "1"], ["1", "10"], ["2"]]
    keys = [sequence_key(numbers) for numbers in ordered]
    assert keys == sorted(keys)
    assert len(set(keys)) == len(keys)
