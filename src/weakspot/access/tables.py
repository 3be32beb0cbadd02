"""Tables of access. No secret is stored, only SHA-256 of secrets with 256 random bits."""

from __future__ import annotations

import sqlalchemy as sa

from weakspot.runtime.database import BigId, decided, metadata, recorded

role = sa.Table(
    "access_role",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("description", sa.Text, nullable=False, server_default=""),
    sa.Column("permissions", sa.LargeBinary, nullable=False, comment="JSON list of permission names, sorted"),
    sa.Column("is_built_in", sa.Boolean, nullable=False),
    comment=decided("named sets of permissions"),
)

user = sa.Table(
    "access_user",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False, unique=True),
    sa.Column("role_id", sa.ForeignKey("access_role.id"), nullable=False),
    sa.Column("is_all_groups", sa.Boolean, nullable=False),
    sa.Column("is_active", sa.Boolean, nullable=False),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    comment=decided("people who can sign in"),
)

user_device_group = sa.Table(
    "access_user_device_group",
    metadata,
    sa.Column("user_id", sa.ForeignKey("access_user.id"), primary_key=True),
    # No foreign key: device groups belong to inventory, which is to the right of access. A group that is gone
    # grants nothing.
    sa.Column("device_group_id", sa.BigInteger, primary_key=True, autoincrement=False),
    comment=decided("device groups that a user may see, unless all"),
)

sign_in_link = sa.Table(
    "access_sign_in_link",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("access_user.id"), nullable=False, index=True),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("used_at", sa.BigInteger, nullable=True),
    comment=decided("single-use links that sign a user in"),
)

session = sa.Table(
    "access_session",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("user_id", sa.ForeignKey("access_user.id"), nullable=False, index=True),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("last_used_at", sa.BigInteger, nullable=False, comment="written at most every five minutes"),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("ended_at", sa.BigInteger, nullable=True),
    comment=decided("signed-in browsers"),
)

api_token = sa.Table(
    "access_api_token",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False, unique=True),
    sa.Column("role_id", sa.ForeignKey("access_role.id"), nullable=False),
    sa.Column(
        "permissions",
        sa.LargeBinary,
        nullable=True,
        comment="JSON list: only these of the role's; null: all of them",
    ),
    sa.Column("is_all_groups", sa.Boolean, nullable=False),
    sa.Column("device_group_ids", sa.LargeBinary, nullable=False, comment="JSON list of ids, unless all"),
    sa.Column("created_at", sa.BigInteger, nullable=False),
    sa.Column("expires_at", sa.BigInteger, nullable=False),
    sa.Column("revoked_at", sa.BigInteger, nullable=True),
    comment=decided("credentials of programs"),
)

audit = sa.Table(
    "access_audit",
    metadata,
    sa.Column("id", BigId, primary_key=True),
    sa.Column("at", sa.BigInteger, nullable=False, index=True),
    sa.Column("actor", sa.Text, nullable=False, comment="kind:id:name at that time"),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("target", sa.Text, nullable=False),
    sa.Column("details", sa.LargeBinary, nullable=False, comment="JSON object of text; never a secret"),
    sa.Column("digest", sa.LargeBinary, nullable=False, comment="SHA-256 chained over all lines before"),
    comment=recorded("who did what and when; append-only"),
)
