"""Hypothesis strategies for payloads, made from the structs, and for what is done to them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from hypothesis import strategies as st
from msgspec import inspect

from fxtop.protocol.wire import Wire

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
FRACTIONS = NUMBERS.filter(lambda number: not number.is_integer())
"""A schema takes 1.0 for an integer, the decoder doesn't; see `fxtop.protocol.schema.BEYOND_SCHEMA`."""

SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**64) | FRACTIONS | TEXT
JSON: st.SearchStrategy[Any] = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3), max_leaves=6
)


def payloads(type_: type[Wire]) -> st.SearchStrategy[dict[str, Any]]:
    """Valid messages of ``type_`` as plain JSON data."""
    return _strategy(inspect.type_info(type_))


def _strategy(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.Metadata():
            return _strategy(info.type)
        case inspect.StructType():
            return _struct(info)
        case inspect.UnionType():
            return st.one_of(*map(_strategy, info.types))
        case inspect.ListType() | inspect.TupleType() | inspect.DictType():
            return _container(info)
        case _:
            return _scalar(info)


def _container(info: inspect.ListType | inspect.TupleType | inspect.DictType) -> st.SearchStrategy[Any]:
    match info:
        case inspect.ListType():
            return st.lists(_strategy(info.item_type), min_size=info.min_length or 0, max_size=3)
        case inspect.TupleType():
            return st.tuples(*map(_strategy, info.item_types)).map(list)
        case inspect.DictType():
            return st.dictionaries(_strategy(info.key_type), _strategy(info.value_type), max_size=3)


_FIXED: dict[type[inspect.Type], st.SearchStrategy[Any]] = {
    inspect.BoolType: st.booleans(),
    inspect.NoneType: st.none(),
    inspect.AnyType: JSON,
    inspect.RawType: JSON,
}


def _scalar(info: inspect.Type) -> st.SearchStrategy[Any]:
    match info:
        case inspect.LiteralType():
            return st.sampled_from(info.values)
        case inspect.IntType():
            return st.integers(info.ge, info.le)
        case inspect.FloatType():
            return st.floats(info.ge, info.le, allow_nan=False, allow_infinity=False) | st.integers(1, 10)
        case inspect.StrType():
            return st.text(st.characters(exclude_categories=["Cs"]), min_size=info.min_length or 0, max_size=20)
    return _FIXED[type(info)]


def _struct(info: inspect.StructType) -> st.SearchStrategy[Any]:
    if info.array_like:
        return st.tuples(*(_strategy(field.type) for field in info.fields)).map(list)
    required = {field.encode_name: _strategy(field.type) for field in info.fields if field.required}
    optional = {field.encode_name: _strategy(field.type) for field in info.fields if not field.required}
    return st.fixed_dictionaries(required, optional=optional)


@st.composite
def mutations(draw: st.DrawFn, data: Any) -> Any:
    """``data`` with one value somewhere in it replaced, removed or added."""
    copy = msgspec.json.decode(msgspec.json.encode(data))
    container, key = draw(st.sampled_from(list(_places(copy))))
    how = draw(st.sampled_from(["replace", "remove", "add"]))
    if how == "replace":
        container[key] = draw(JSON)
    elif how == "remove":
        del container[key]
    elif isinstance(container, list):
        container.append(draw(JSON))
    else:
        container[draw(TEXT)] = draw(JSON)
    return copy


def _places(data: Any) -> Iterator[tuple[Any, Any]]:
    if not isinstance(data, dict | list):
        return
    for key in list(data) if isinstance(data, dict) else range(len(data)):
        yield data, key
        yield from _places(data[key])
