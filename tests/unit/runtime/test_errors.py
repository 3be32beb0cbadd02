"""weakspot.runtime.errors."""

from __future__ import annotations

import re

import msgspec
import pytest

from weakspot.runtime import errors


def tree(base: type[errors.WeakspotError] = errors.WeakspotError) -> list[type[errors.WeakspotError]]:
    """The error and all below it that this module defines."""
    below = [one for child in base.__subclasses__() if child.__module__ == errors.__name__ for one in tree(child)]
    return [base, *below]


@pytest.mark.parametrize("kind", tree())
def test_every_error_is_a_problem_document(kind: type[errors.WeakspotError]) -> None:
    problem = kind("Do this next.").problem("request-1")
    assert problem.type == errors.PROBLEM_TYPE_BASE + kind.slug
    assert problem.status == kind.status
    assert 400 <= problem.status <= 599
    assert problem.title
    assert problem.detail == "Do this next."
    assert problem.instance == "request-1"


@pytest.mark.parametrize("kind", tree())
def test_every_error_stands_in_the_drawing_with_its_status_and_slug(kind: type[errors.WeakspotError]) -> None:
    assert errors.__doc__ is not None
    assert re.search(rf"\b{kind.__name__} +{kind.status}  +{kind.slug}\b", errors.__doc__), kind


def test_slugs_are_unique() -> None:
    slugs = [kind.slug for kind in tree()]
    assert sorted(slugs) == sorted(set(slugs))


def test_the_field_at_fault_is_named_and_absent_members_are_left_out() -> None:
    named = errors.InvalidField("Give a date.", field="observed_at").problem()
    assert msgspec.to_builtins(named)["field"] == "observed_at"
    assert set(msgspec.to_builtins(errors.NotFound("Not there.").problem())) == {"type", "title", "status", "detail"}


def test_the_tree_lets_callers_catch_families() -> None:
    assert issubclass(errors.ResyncRequired, errors.Conflict)
    assert issubclass(errors.SourceUnavailable, errors.Unavailable)
    assert issubclass(errors.Forbidden, errors.AccessError)
    assert errors.MethodNotAllowed("No.", allow="GET").allow == "GET"
    assert errors.RateLimited("Wait.", retry_after_seconds=3).retry_after_seconds == 3
