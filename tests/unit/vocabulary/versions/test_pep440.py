"""PEP 440 and the legacy order before it."""

from tests.unit.vocabulary.versions.support import assert_ascending, assert_equal, assert_refused


def test_the_order_of_the_specification() -> None:
    assert_ascending(
        "pep440",
        ["1.dev0", "1.0.dev456", "1.0a1", "1.0a2.dev456", "1.0a12.dev456", "1.0a12", "1.0b1.dev456", "1.0b2"],
    )
    assert_ascending("pep440", ["1.0b2.post345.dev456", "1.0b2.post345", "1.0rc1.dev456", "1.0rc1", "1.0"])
    assert_ascending("pep440", ["1.0", "1.0+abc.5", "1.0+abc.7", "1.0+5", "1.0.post456.dev34", "1.0.post456", "1.0.15"])
    assert_ascending("pep440", ["1.0.15", "1.1.dev1", "1.1", "2013.10", "1!1.0", "2!0.1"])


def test_local_versions() -> None:
    assert_ascending("pep440", ["1.0", "1.0+a", "1.0+a.1", "1.0+b", "1.0+1", "1.0+1.a", "1.0+1.1", "1.0+2"])
    assert_equal("pep440", ["1.0+deb12.u1", "1.0+DEB12-u1", "1.0+deb12_u1"])


def test_spellings_of_one_version() -> None:
    assert_equal(
        "pep440", ["1.1rc1", "1.1RC1", "1.1-rc.1", "1.1c1", "1.1_pre1", "1.1.preview-1", "v1.1rc01", " 1.1rc1\n"]
    )
    assert_equal("pep440", ["1.0.post1", "1.0-1", "1.0-post1", "1.0.rev1", "1.0-r1", "1.0POST1"])
    assert_equal("pep440", ["1.0", "1", "1.0.0", "0!1", "v1.0"])
    assert_equal("pep440", ["1.0a", "1.0a0", "1.0.alpha"])
    assert_equal("pep440", ["1.0.dev", "1.0dev0"])


def test_legacy_versions_come_first_in_the_old_order() -> None:
    assert_ascending("pep440", ["2004d", "2004d.1", "2004e", "2005d", "0.0.dev0"])
    assert_ascending("pep440", ["1.0-rc-1-x", "1.0-final-x", "0"])


def test_refused() -> None:
    assert_refused("pep440", ["", "trunk", "-class.Version-", "unknown", "1.0\x00", "1.0\u202e", "\u0661.0", "1" * 513])
