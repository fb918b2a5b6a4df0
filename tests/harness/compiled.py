"""Templates, statements and addresses compiled once a process, whichever application asks."""

from collections.abc import Callable
from functools import wraps
from types import CodeType
from typing import Any

from flask import Flask
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy import Engine
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule


class CompiledTemplates(BytecodeCache):
    """Code by template and by the hash of its source: what was edited is compiled anew."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], CodeType] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        bucket.code = self._known.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: Bucket) -> None:
        if bucket.code is not None:
            self._known[bucket.key, bucket.checksum] = bucket.code


def compile_templates_once() -> None:
    """Of every application of this process from now on."""
    Flask.jinja_options = {**Flask.jinja_options, "bytecode_cache": CompiledTemplates()}


STATEMENTS_KEPT = 20_000


def compile_statements_once() -> None:
    """Of every database of this process from now on.

    SQLAlchemy keeps statements for each engine and each dialect it made for one; a process of
    tests makes thousands of both, all alike.
    """
    for kind in (SQLiteDialect_pysqlite, PGDialect_psycopg):
        kind.__eq__ = _is_alike  # type: ignore[method-assign, assignment]
        kind.__hash__ = _hash_of_kind  # type: ignore[method-assign, assignment]
    statements: LRUCache[Any, Any] = LRUCache(STATEMENTS_KEPT)
    make = Engine.__init__

    @wraps(make)
    def make_sharing(self: Engine, *arguments: Any, **options: Any) -> None:
        make(self, *arguments, **options)
        self.update_execution_options(compiled_cache=statements)

    Engine.__init__ = make_sharing  # type: ignore[method-assign]


def compile_addresses_once() -> None:
    """Of every application of this process from now on.

    Of each of some 320 addresses werkzeug compiles two functions that build it: nine tenths of
    what an application takes to make. They know their rule only as what they are called with.
    """
    known: dict[tuple[Any, ...], Callable[..., tuple[str, str]]] = {}
    make = Rule._compile_builder

    @wraps(make)
    def make_once(self: Rule, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        if self.defaults:  # they would stand in the function
            return make(self, append_unknown)
        key = (self.rule, append_unknown, tuple(self._trace))
        if key not in known:
            known[key] = make(self, append_unknown)
        return known[key]

    Rule._compile_builder = make_once  # type: ignore[method-assign]


# What a dialect compiles by, beside its kind.
_MADE_BY = ("server_version_info", "paramstyle", "_json_serializer", "_json_deserializer")


def _is_alike(one: DefaultDialect, other: object) -> bool:
    return type(one) is type(other) and all(
        getattr(one, name, None) == getattr(other, name, None) for name in _MADE_BY
    )


def _hash_of_kind(one: DefaultDialect) -> int:
    return hash(type(one))
