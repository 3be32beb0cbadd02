"""Device groups, tags and tag rules: who is where, and by which rule."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, delete, post, put

from weakspot.access import Permission, Scope
from weakspot.api.listing import GROUPS, Asked
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import (
    ApiRequest,
    asked_of,
    body_of,
    caller_of,
    json_response,
    number_of,
    read_route,
    services_of,
)
from weakspot.inventory.rules.grouping import MatchingRule
from weakspot.queries import device_groups
from weakspot.queries.base import ReadContext
from weakspot.queries.device_groups import DeviceGroupRow, RulePreview, TagRow, TagRuleRow
from weakspot.workflows import device_decisions

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]


class DeviceGroupRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A device group as it is to be. A rule without conditions: only devices that are placed in it by hand."""

    name: Name
    description: Annotated[str, msgspec.Meta(max_length=2_000)] = ""
    rule: MatchingRule = MatchingRule()


class DeviceGroupOrder(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Every group but the default one, highest rank first."""

    order: Annotated[list[int], msgspec.Meta(max_length=1_000)]


class TagRuleRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Devices that the rule names get the tag; a rule that gave it before is replaced."""

    tag: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    rule: MatchingRule


class RuleRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule to look at without keeping it."""

    rule: MatchingRule


class MadeAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """The id of what was made."""

    id: int


_group = msgspec.json.Decoder(DeviceGroupRequest)
_order = msgspec.json.Decoder(DeviceGroupOrder)
_tag_rule = msgspec.json.Decoder(TagRuleRequest)
_rule = msgspec.json.Decoder(RuleRequest)


def _declare(name: str, summary: str, answer: Any, body: Any = None, **more: Any) -> Operation:
    permission = more.pop("permission", Permission.MANAGE_SYSTEM)
    return Operation(
        id=name, summary=summary, tag="device groups", permission=permission, answer=answer, body=body, **more
    )


LIST = _declare(
    "listDeviceGroups",
    "Device groups with their rules, highest rank first",
    list[DeviceGroupRow],
    permission=Permission.VIEW_DATA,
    parameters=(GROUPS,),
)
CREATE = _declare(
    "createDeviceGroup", "Make a device group; its devices are in it at once", MadeAnswer, DeviceGroupRequest,
    errors=(409,),
)  # fmt: skip
CHANGE = _declare("changeDeviceGroup", "Change a device group", None, DeviceGroupRequest, status=204, errors=(404, 409))
DELETE = _declare("deleteDeviceGroup", "Delete a device group", None, status=204, errors=(404, 409))
ORDER = _declare("orderDeviceGroups", "Give the device groups their ranks", None, DeviceGroupOrder, status=204)
PREVIEW = _declare(
    "previewRule",
    "What a matching rule would match now, and up to ten of the devices",
    RulePreview,
    RuleRequest,
    permission=Permission.VIEW_DATA,
)
TAGS = _declare(
    "listTags",
    "Tags of the fleet, most used first",
    list[TagRow],
    permission=Permission.VIEW_DATA,
    parameters=(GROUPS,),
)
TAG_RULES = _declare(
    "listTagRules", "Rules that give tags", list[TagRuleRow], permission=Permission.VIEW_DATA, parameters=(GROUPS,)
)
WRITE_TAG_RULE = _declare(
    "writeTagRule",
    "Give a tag by a rule; a rule of the same tag is replaced",
    MadeAnswer,
    TagRuleRequest,
    errors=(409,),
)
DELETE_TAG_RULE = _declare("deleteTagRule", "Delete a tag rule", None, status=204, errors=(404,))


def _list(read: ReadContext, scope: Scope, _: Asked) -> list[DeviceGroupRow]:
    return device_groups.groups(read, scope)


def _tags(read: ReadContext, scope: Scope, _: Asked) -> list[TagRow]:
    return device_groups.tags(read, scope)


def _tag_rules(read: ReadContext, scope: Scope, _: Asked) -> list[TagRuleRow]:
    return device_groups.tag_rules(read, scope)


@post("/device-groups", opt={OPERATION: CREATE}, name=CREATE.id, status_code=200)
async def create_device_group(request: ApiRequest) -> Response[bytes]:
    """It gets the lowest rank above the default group."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _group)
    made = await services.reads.run(
        lambda: device_decisions.create_group(
            services.database, actor, asked.name, asked.description, asked.rule, services.clock()
        )
    )
    return json_response(MadeAnswer(id=made))


@put("/device-groups/{id:str}", opt={OPERATION: CHANGE}, name=CHANGE.id, status_code=204)
async def change_device_group(request: ApiRequest) -> Response[None]:
    """All three are replaced."""
    services, actor = services_of(request), caller_of(request)
    number = number_of(asked_of(request, CHANGE).path["id"])
    asked = await body_of(request, _group)
    await services.reads.run(
        lambda: device_decisions.change_group(
            services.database, actor, number, asked.name, asked.description, asked.rule, services.clock()
        )
    )
    return Response(None, status_code=204)


@delete("/device-groups/{id:str}", opt={OPERATION: DELETE}, name=DELETE.id, status_code=204)
async def delete_device_group(request: ApiRequest) -> None:
    """Its devices go where the other rules put them."""
    services, actor = services_of(request), caller_of(request)
    number = number_of(asked_of(request, DELETE).path["id"])
    await services.reads.run(lambda: device_decisions.delete_group(services.database, actor, number, services.clock()))


@post("/device-groups/order", opt={OPERATION: ORDER}, name=ORDER.id, status_code=204)
async def order_device_groups(request: ApiRequest) -> Response[None]:
    """A device that several groups want is in the highest-ranked one."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _order)
    await services.reads.run(
        lambda: device_decisions.order_groups(services.database, actor, asked.order, services.clock())
    )
    return Response(None, status_code=204)


@post("/device-groups/preview", opt={OPERATION: PREVIEW}, name=PREVIEW.id, status_code=200)
async def preview_rule(request: ApiRequest) -> Response[bytes]:
    """Changes nothing."""
    services, scope = services_of(request), caller_of(request).scope
    asked = await body_of(request, _rule)
    return json_response(await services.reads.read(lambda read: device_groups.preview(read, scope, asked.rule)))


@post("/tag-rules", opt={OPERATION: WRITE_TAG_RULE}, name=WRITE_TAG_RULE.id, status_code=200)
async def write_tag_rule(request: ApiRequest) -> Response[bytes]:
    """Its devices have the tag at once."""
    services, actor = services_of(request), caller_of(request)
    asked = await body_of(request, _tag_rule)
    made = await services.reads.run(
        lambda: device_decisions.write_tag_rule(services.database, actor, asked.tag, asked.rule, services.clock())
    )
    return json_response(MadeAnswer(id=made))


@delete("/tag-rules/{id:str}", opt={OPERATION: DELETE_TAG_RULE}, name=DELETE_TAG_RULE.id, status_code=204)
async def delete_tag_rule(request: ApiRequest) -> None:
    """Its devices lose the tag unless somebody or something else gave it too."""
    services, actor = services_of(request), caller_of(request)
    number = number_of(asked_of(request, DELETE_TAG_RULE).path["id"])
    await services.reads.run(
        lambda: device_decisions.delete_tag_rule(services.database, actor, number, services.clock())
    )


ROUTES = (
    read_route("/device-groups", LIST, _list),
    create_device_group,
    order_device_groups,
    preview_rule,
    change_device_group,
    delete_device_group,
    read_route("/tags", TAGS, _tags),
    read_route("/tag-rules", TAG_RULES, _tag_rules),
    write_tag_rule,
    delete_tag_rule,
)
