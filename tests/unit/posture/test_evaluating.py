from __future__ import annotations

from tests.unit.posture.support import check
from weakspot.inventory.settings import SettingValue
from weakspot.posture.evaluating import judged

CHECKS = {
    one.id: one
    for one in (
        check(id="check-a", setting="linux.a", not_applicable=("absent",)),
        check(id="check-b", setting="linux.a"),
        check(id="check-c", setting="linux.c"),
    )
}


def test_each_value_is_in_one_set_of_each_check_that_reads_it() -> None:
    values = [
        SettingValue(id=number, name=name, value=value)
        for number, (name, value) in enumerate(
            [("linux.a", "no"), ("linux.a", "yes"), ("linux.a", "absent"), ("linux.other", "no")], 1
        )
    ]
    found = judged(CHECKS, values)
    assert [set(part) for part in (found["check-a"].compliant, found["check-a"].non_compliant)] == [{1}, {2}]
    assert set(found["check-a"].not_applicable) == {3}
    assert set(found["check-b"].non_compliant) == {2, 3}
    assert not any(getattr(found["check-c"], name) for name in found["check-c"].__struct_fields__)
