"""Labels: named sets of devices. Groups, tags, device value, criticality, internet-facing, business context.

A label is one row with a bitmap of devices, so that marking 100,000 devices writes one row, and a rule over labels is a
set operation. What people chose and what sensors and rules found are kept apart; what is in force is both together.

In: decisions of people, rules, what devices describe of themselves, what the rules of business context found.
Out: labels in force (``labels``), groups and values of devices; ``changes`` rows:

- ``inventory.labels`` ``{"devices": bitmap}``: these gained or lost labels; read all labels again;
- ``inventory.population`` ``{"devices": bitmap}``: group, value or exclusion of these devices changed.

Invariants: a device is in exactly one group, the highest-ranked one that wants it; what a person chose wins over what a
rule says; what is found can be found again from what was reported and decided.
"""

from weakspot.inventory.labels.context import (
    Reason,
    decide,
    reasons,
    set_automatic,
    states,
    write_found,
)
from weakspot.inventory.labels.context_store import (
    Listed,
    SensitiveData,
    add_sign_ins,
    business,
    device_ids,
    devices_of_high_value_users,
    high_value_users,
    mark_business,
    replace_sensitive,
    sensitive,
    sign_ins,
    write_high_value_users,
)
from weakspot.inventory.labels.deciding import (
    change_tags,
    choose_criticality,
    choose_internet_facing,
    choose_value,
    clean_tag,
    exclude,
    place,
    replace_tags,
)
from weakspot.inventory.labels.groups import (
    change_group,
    create_group,
    delete_group,
    delete_tag_rule,
    order_groups,
    write_tag_rule,
)
from weakspot.inventory.labels.observing import observe
from weakspot.inventory.labels.placing import (
    LABELS_CHANGED,
    POPULATION_CHANGED,
    Preview,
    all_tags,
    evaluate,
    labels,
    preview,
)
from weakspot.inventory.labels.rebuilding import differences, observe_many, rebuild
from weakspot.inventory.labels.rules_store import groups, tag_rules
from weakspot.inventory.labels.store import chosen, found, located, members

__all__ = [
    "LABELS_CHANGED",
    "POPULATION_CHANGED",
    "Listed",
    "Preview",
    "Reason",
    "SensitiveData",
    "add_sign_ins",
    "all_tags",
    "business",
    "change_group",
    "change_tags",
    "choose_criticality",
    "choose_internet_facing",
    "choose_value",
    "chosen",
    "clean_tag",
    "create_group",
    "decide",
    "delete_group",
    "delete_tag_rule",
    "device_ids",
    "devices_of_high_value_users",
    "differences",
    "evaluate",
    "exclude",
    "found",
    "groups",
    "high_value_users",
    "labels",
    "located",
    "mark_business",
    "members",
    "observe",
    "observe_many",
    "order_groups",
    "place",
    "preview",
    "reasons",
    "rebuild",
    "replace_sensitive",
    "replace_tags",
    "sensitive",
    "set_automatic",
    "sign_ins",
    "states",
    "tag_rules",
    "write_found",
    "write_high_value_users",
    "write_tag_rule",
]
