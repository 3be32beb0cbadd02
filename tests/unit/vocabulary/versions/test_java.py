"""Java runtimes under all their names."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_names_of_one_release() -> None:
    assert_equal("java", ["8u202", "1.8.0_202", "8.0.202", "1.8.0.202", "8.0.2020", "java 8u202", "JDK-8u202"])
    assert_equal("java", ["8u202", "8 Update 202", "1.8.0 update202", "1.8.0:update_202"])
    assert_equal("java", ["8u202-b08", "1.8.0_202-b08", "8.0.2020.8", "8.0.202+8"])
    assert_equal("java", ["17", "17.0.0", "17.0.0-LTS", "jdk-17"])
    assert_equal("java", ["7u80", "7.0.800", "1.7.0_80"])


def test_order() -> None:
    assert_ascending(
        "java", ["1.4.2_19", "1.5.0_22", "6u45", "7u80", "8u5", "8u202", "8.0.4120.8", "11-ea", "11", "11.0.1"]
    )
    assert_ascending(
        "java", ["11.0.23-ea+5", "11.0.23", "11.0.23+8", "11.0.23+9", "11.0.23+10", "11.0.23.0.1", "11.0.24"]
    )
    assert_ascending("java", ["8u191", "8u191-b12", "8u201", "8u202-b08", "8u1000"])


def test_vendors_remarks_do_not_count() -> None:
    assert_equal("java", ["11.0.23+9", "11.0.23+9-LTS", "11.0.23+9-LTS-1234", "11.0.23+9-Ubuntu-1ubuntu1"])
    assert_equal("java", ["11.0.2", "11.0.2-BellSoft"])


def test_refused() -> None:
    assert_refused("java", ["", "java", "8u", "u202", "-8", "8 u 202", "1.8.0_", "é8", "8\x00"])
