"""golang.org/x/mod/semver."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_pseudo_versions() -> None:
    assert_ascending(
        "go",
        [
            "v0.0.0-20190101000000-abcdef123456", "v0.0.0-20240102150405-000000000000", "v1.2.3",
            "v1.2.4-0.20240102150405-abcdef123456", "v1.2.4-pre", "v1.2.4-pre.0.20240102150405-abcdef123456", "v1.2.4",
        ],
    )  # fmt: skip


def test_spellings_of_one_version() -> None:
    assert_equal("go", ["v2.0.0", "2.0.0", "v2.0.0+incompatible", "v2", "v2.0", "go2.0"])


def test_toolchains() -> None:
    assert_equal("go", ["go1.22rc1", "1.22.0-rc.1"])
    assert_ascending("go", ["go1.21.9", "1.22.0-0", "go1.22beta1", "go1.22rc1", "go1.22rc2", "go1.22", "go1.22.1"])


def test_refused() -> None:
    assert_refused("go", ["", "v", "v01.0.0", "v1.2-pre", "v1.2.3.4", "v1.2.3-01", "V1.2.3", "v1.2.3 ", "(devel)"])
