"""The protocol as JSON Schema (draft 2020-12), made from the structs that decode it.

The document describes an object that maps a class of message to one payload, such as ``{"hb.node": {…}}``, so that any
validator can check a payload with it as it stands; the structs themselves are under ``$defs``.
"""

from __future__ import annotations

import inspect
from typing import Any, Final

import msgspec

from fxtop.protocol.control import (
    ARGS,
    CONSENT_VERBS,
    HEADER_EXPIRES,
    HEADER_KEY,
    HEADER_OPERATOR,
    HEADER_REQUEST,
    HEADER_SIGNATURE,
    MANAGER_VERBS,
    NODE_VERBS,
    RebalancePlan,
    Reply,
    Request,
)
from fxtop.protocol.decode import MAX_PAYLOAD, TYPES
from fxtop.protocol.history import History, HistoryAsk
from fxtop.protocol.wire import Wire

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
REPLY: Final = "reply"
RESULT_OF_PLAN: Final = "reply.plan.result"
HISTORY: Final = "history"
RESULT_OF_HISTORY: Final = "history.answer"
HEADERS: Final = "headers"
"""The name under which the headers of a signed request stand beside the messages."""

BEYOND_SCHEMA: Final = (
    f"a payload is at most {MAX_PAYLOAD} bytes of UTF-8",
    "an integer is written without a fraction or an exponent",
    "a number fits a finite 64-bit float",
    "the ids of a payload are those of its subject, percent-decoded",
    "every session of a snapshot is of the snapshot's node",
    "part is not greater than parts",
)
"""What a receiver checks and a schema can't say."""

_MESSAGES: Final[dict[str, type[Wire]]] = {
    **{kind: type_ for kind, type_ in TYPES.items() if type_ is not Request},
    REPLY: Reply,
    RESULT_OF_PLAN: RebalancePlan,
    HISTORY: HistoryAsk,
    RESULT_OF_HISTORY: History,
}

_TITLES: Final[dict[str, str]] = {
    "hb.node": "fxtop.<cluster>.hb.node.<node>",
    "facts.node": "fxtop.<cluster>.facts.node.<node>",
    "session": "fxtop.<cluster>.session.<node>.<session>",
    "sessions": "fxtop.<cluster>.sessions.<node>",
    "hb.transporter": "fxtop.<cluster>.hb.transporter.<server>",
    "hb.license": "fxtop.<cluster>.hb.license.<server>",
    "hb.store": "fxtop.<cluster>.hb.store.<manager>",
    "bye.node": "fxtop.<cluster>.bye.node.<node>",
    "bye.transporter": "fxtop.<cluster>.bye.transporter.<server>",
    "bye.license": "fxtop.<cluster>.bye.license.<server>",
    "bye.store": "fxtop.<cluster>.bye.store.<manager>",
    "sync": "fxtop.<cluster>.sync",
    "job": "fxtop.<cluster>.job.<request>",
    "audit": "fxtop.<cluster>.audit.<node or manager>",
    "intent": "fxtop.<cluster>.intent.<id>",
    REPLY: "The reply to a request",
    RESULT_OF_PLAN: "The result in the reply to plan",
    HISTORY: "fxtop.<cluster>.history, optional",
    RESULT_OF_HISTORY: "An agent's answer to history",
}


def schemas() -> dict[str, object]:
    """The whole protocol as one schema document."""
    refs, definitions = _components([*_MESSAGES.values(), Request, *ARGS.values()])
    properties: dict[str, object] = {name: {"title": _TITLES[name], **refs[type_]} for name, type_ in _MESSAGES.items()}
    at_nodes = (*NODE_VERBS, *CONSENT_VERBS)
    properties |= {f"ctl.node.{verb}": _request(f"ctl.node.<node>.{verb}", verb, refs) for verb in at_nodes}
    properties |= {f"ctl.manager.{verb}": _request(f"ctl.manager.{verb}", verb, refs) for verb in MANAGER_VERBS}
    properties[HEADERS] = _headers()
    return {
        "$schema": DIALECT,
        "title": "The fxtop bus protocol, version 1",
        "description": "Maps a class of message to a payload; unknown fields of a payload are ignored.",
        "$comment": "Beyond this schema: " + "; ".join(BEYOND_SCHEMA) + ".",
        "type": "object",
        "properties": properties,
        "additionalProperties": False,
        "$defs": definitions,
    }


def message_schema(name: str) -> dict[str, object]:
    """The schema of one message by its name in `schemas`; KeyError for another name."""
    whole = schemas()
    properties: Any = whole["properties"]
    return {"$schema": DIALECT, **properties[name], "$defs": whole["$defs"]}


def _components(types: list[type[Wire]]) -> tuple[dict[type[Wire], dict[str, Any]], dict[str, Any]]:
    unique = list(dict.fromkeys(types))
    made, definitions = msgspec.json.schema_components(unique, ref_template="#/$defs/{name}")
    for definition in definitions.values():
        definition["description"] = inspect.cleandoc(definition["description"])
    return dict(zip(unique, made, strict=True)), definitions


def _request(subject: str, verb: str, refs: dict[type[Wire], dict[str, Any]]) -> dict[str, object]:
    args = ARGS[verb]
    schema: dict[str, object] = {
        "title": f"fxtop.<cluster>.{subject}",
        **refs[Request],
        "properties": {"args": refs[args]},
    }
    if any(field.required for field in msgspec.structs.fields(args)):
        schema["required"] = ["args"]
    return schema


def _headers() -> dict[str, object]:
    one_line = {"type": "string", "minLength": 1, "pattern": r"^[^\r\n]*$"}
    return {
        "title": "The headers of a signed request",
        "description": "Required for every verb but ping.",
        "type": "object",
        "properties": {
            HEADER_REQUEST: {**one_line, "description": "Unique id of the intent; a resend carries the same."},
            HEADER_OPERATOR: {**one_line, "description": "Who, as people know them."},
            HEADER_KEY: {"type": "string", "pattern": "^U[A-Z2-7]{55}$", "description": "The operator's public nkey."},
            HEADER_EXPIRES: {**one_line, "description": "Unix seconds, at most 300 s ahead."},
            HEADER_SIGNATURE: {
                "type": "string",
                "pattern": "^[A-Za-z0-9+/]{86}==$",
                "description": "Ed25519 over fxtop1, subject, request id, operator, expires and the payload's sha256.",
            },
        },
        "required": [HEADER_REQUEST, HEADER_OPERATOR, HEADER_KEY, HEADER_EXPIRES, HEADER_SIGNATURE],
    }
