"""Roles and users: who may do what, and which device groups they see (spec/features.md 20)."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
from litestar import Response, get, post

from weakspot import access
from weakspot.access import Caller, Permission, Role, User
from weakspot.access.rules import ROLE_PERMISSIONS
from weakspot.api.operation import OPERATION, Operation
from weakspot.api.routing import ApiRequest, body_of, caller_of, json_response, services_of
from weakspot.api.services import ApiServices

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
Ids = Annotated[list[Annotated[int, msgspec.Meta(ge=0, le=2**53)]], msgspec.Meta(max_length=10_000)]


class RoleRow(msgspec.Struct, frozen=True, kw_only=True):
    """A role. Built-in ones cannot be changed; users: active ones that have it."""

    name: str
    description: str
    permissions: list[str]
    is_built_in: bool
    users: int


class RoleList(msgspec.Struct, frozen=True, kw_only=True):
    """Roles, and the permissions that a role can have."""

    roles: list[RoleRow]
    permissions: list[str]


class RoleRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A role to make, or to change where there is one of the name."""

    name: Name
    description: Annotated[str, msgspec.Meta(max_length=500)] = ""
    permissions: Annotated[list[Name], msgspec.Meta(max_length=50)]


class RoleRemoval(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Which role."""

    name: Name


class UserRow(msgspec.Struct, frozen=True, kw_only=True):
    """A person. groups null: all device groups, later ones included."""

    id: int
    name: str
    role: str
    is_active: bool
    groups: list[int] | None


class UserRequest(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A person to add, or to change where there is one of the name. groups null: all device groups."""

    name: Name
    role: Name
    groups: Ids | None = None
    is_active: bool = True


_role = msgspec.json.Decoder(RoleRequest)
_removal = msgspec.json.Decoder(RoleRemoval)
_user = msgspec.json.Decoder(UserRequest)


def _declare(name: str, summary: str, answer: Any, **more: Any) -> Operation:
    return Operation(
        id=name, summary=summary, tag="administration", permission=Permission.MANAGE_SYSTEM, answer=answer, **more
    )


ROLES = _declare("listRoles", "Roles and what they allow", RoleList)
PUT_ROLE = _declare("putRole", "Make or change a role", RoleRow, body=RoleRequest, errors=(409,))
REMOVE_ROLE = _declare(
    "removeRole", "Delete a role that nobody has", None, body=RoleRemoval, status=204, errors=(404, 409)
)
USERS = _declare("listUsers", "People who can sign in", list[UserRow])
PUT_USER = _declare("putUser", "Add or change a person", UserRow, body=UserRequest, errors=(404, 409))


@get("/admin/roles", opt={OPERATION: ROLES}, name=ROLES.id)
async def list_roles(request: ApiRequest) -> Response[bytes]:
    """Built-in ones included."""
    services = services_of(request)

    def read() -> RoleList:
        with services.database.read() as conn:
            rows = [_role_row(one) for one in access.roles(conn)]
        return RoleList(roles=rows, permissions=sorted(ROLE_PERMISSIONS))

    return json_response(await services.reads.run(read))


@post("/admin/roles", opt={OPERATION: PUT_ROLE}, name=PUT_ROLE.id, status_code=200)
async def put_role(request: ApiRequest) -> Response[bytes]:
    """In force from the next request of whoever has it."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _role)
    made = await services.reads.run(
        lambda: access.put_role(
            services.database, actor, body.name, body.description, body.permissions, services.clock()
        )
    )
    return json_response(_role_row(made))


@post("/admin/roles/removal", opt={OPERATION: REMOVE_ROLE}, name=REMOVE_ROLE.id, status_code=204)
async def remove_role(request: ApiRequest) -> None:
    """Not while a user or a token has it."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _removal)
    await services.reads.run(lambda: access.remove_role(services.database, actor, body.name, services.clock()))


@get("/admin/users", opt={OPERATION: USERS}, name=USERS.id)
async def list_users(request: ApiRequest) -> Response[bytes]:
    """Active or not."""
    services = services_of(request)

    def read() -> list[UserRow]:
        with services.database.read() as conn:
            return [_user_row(one) for one in access.users(conn)]

    return json_response(await services.reads.run(read))


@post("/admin/users", opt={OPERATION: PUT_USER}, name=PUT_USER.id, status_code=200)
async def put_user(request: ApiRequest) -> Response[bytes]:
    """Role and device groups are in force at once; the last administrator stays one."""
    services, actor = services_of(request), caller_of(request)
    body = await body_of(request, _user)
    return json_response(await services.reads.run(lambda: _put(services, actor, body)))


def _put(services: ApiServices, actor: Caller, body: UserRequest) -> UserRow:
    database, now = services.database, services.clock()
    groups = None if body.groups is None else frozenset(body.groups)
    name = " ".join(body.name.split())
    with database.read() as conn:
        known = next((one for one in access.users(conn) if one.name == name), None)
    if known is None:
        known = access.create_user(database, actor, name, body.role, groups, now)
    else:
        if known.role != body.role:
            access.set_user_role(database, actor, name, body.role, now)
        if known.scope.group_ids != groups:
            access.set_user_scope(database, actor, name, groups, now)
    if not body.is_active and known.is_active:
        access.deactivate_user(database, actor, name, now)
    with database.read() as conn:
        return next(_user_row(one) for one in access.users(conn) if one.id == known.id)


def _role_row(one: Role) -> RoleRow:
    return RoleRow(
        name=one.name,
        description=one.description,
        permissions=sorted(one.permissions),
        is_built_in=one.is_built_in,
        users=one.users,
    )


def _user_row(one: User) -> UserRow:
    groups = None if one.scope.group_ids is None else sorted(one.scope.group_ids)
    return UserRow(id=one.id, name=one.name, role=one.role, is_active=one.is_active, groups=groups)


ROUTES = (list_roles, put_role, remove_role, list_users, put_user)
