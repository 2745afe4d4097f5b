"""Rules of the house that no linter knows, read from the syntax tree of every file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache

import pytest

from tests.architecture.rooms import PACKAGE, ROOT, Source, product_sources, rooms, sources

FORBIDDEN_NAMES = {"utils", "helpers", "mixins", "common", "misc", "tools"}


def test_no_file_is_named_after_nothing() -> None:
    assert [
        str(s.path) for s in sources() if FORBIDDEN_NAMES & set(s.path.relative_to(ROOT).with_suffix("").parts)
    ] == []


@pytest.mark.parametrize("room", rooms())
def test_every_room_has_a_short_page_about_itself(room: str) -> None:
    page = PACKAGE / room / "README.md"

    assert page.is_file(), f"{room} has no README.md"
    assert 4 <= len(page.read_text().splitlines()) <= 100


def test_rooms_on_disk_are_the_rooms_of_the_map() -> None:
    on_disk = {path.parent.name for path in PACKAGE.glob("*/apps.py")}

    assert on_disk == set(rooms())


def room_imports_inside(tree: ast.Module) -> Iterator[ast.AST]:
    """Imports of our own modules below function level; a wheel loaded late needs its reason at a `noqa` instead."""
    for outer in ast.walk(tree):
        if isinstance(outer, ast.FunctionDef | ast.AsyncFunctionDef):
            for node in ast.walk(outer):
                names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
                if any(name.split(".")[0] == "eoffice" for name in names):
                    yield node


def test_no_import_of_a_room_hides_in_a_function() -> None:
    assert [source.at(node) for source in product_sources() for node in room_imports_inside(source.tree)] == []


def test_rooms_do_not_load_modules_by_name() -> None:
    """`import_module("eoffice…")` would go around the map; the command line and the entry points alone may."""
    loading = [
        source.at(node)
        for source in product_sources()
        if source.room in rooms()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("import_module")
        if node.args and isinstance(node.args[0], ast.Constant)
    ]

    assert loading == []


def broad_handlers(tree: ast.Module) -> Iterator[ast.ExceptHandler]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ExceptHandler):
            caught = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            names = {c.id if isinstance(c, ast.Name) else "" if c else "BaseException" for c in caught}
            if names & {"Exception", "BaseException"} and not re_raises(node):
                yield node


def re_raises(handler: ast.ExceptHandler) -> bool:
    return any(isinstance(node, ast.Raise) and node.exc is None for node in ast.walk(handler))


def test_nothing_is_caught_broadly() -> None:
    assert [source.at(node) for source in product_sources() for node in broad_handlers(source.tree)] == []


def manager_uses(tree: ast.Module) -> Iterator[ast.Attribute]:
    return (
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "objects"
        and isinstance(node.value, ast.Name)
        and node.value.id[:1].isupper()
    )


@lru_cache
def model_names_of(room: str) -> frozenset[str]:
    return frozenset(
        node.name
        for source in sources()
        if source.room == room and source.parts[:1] == ("models",)
        for node in source.tree.body
        if isinstance(node, ast.ClassDef)
    )


def foreign_manager_uses(source: Source) -> Iterator[ast.Attribute]:
    own = model_names_of(source.room)
    return (node for node in manager_uses(source.tree) if isinstance(node.value, ast.Name) and node.value.id not in own)


def test_rows_of_another_room_are_reached_through_its_queries() -> None:
    reaching = [
        source.at(n) for source in product_sources() if source.room in rooms() for n in foreign_manager_uses(source)
    ]

    assert reaching == []


def test_rows_are_reached_only_where_rows_belong() -> None:
    """Views, forms, APIs, jobs and commands call one service or query; they never ask the database themselves."""
    edges = {"views", "forms", "api", "commands", "schemas", "urls", "middleware", "templatetags"}
    reaching = [
        source.at(node)
        for source in product_sources()
        if set(source.parts) & edges
        for node in manager_uses(source.tree)
    ]

    assert reaching == []


def test_save_of_a_row_names_its_fields() -> None:
    """`save()` of an existing row names `update_fields`; a new row is forced to be an INSERT."""
    bare = [
        source.at(node)
        for source in product_sources()
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "save"
        if not isinstance(node.func.value, ast.Call)
        if source.parts[:1] in {("services",), ("jobs",), ("models",)}
        if not {keyword.arg for keyword in node.keywords} & {"update_fields", "force_insert"}
        if not node.args  # a file or image object is saved to a place
    ]

    assert bare == []


def test_commands_are_called_by_name() -> None:
    """A command opens the transaction and takes keywords only, the actor first."""
    commands = [
        (source, node)
        for source in product_sources()
        if source.parts[:1] == ("services",)
        for node in source.tree.body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")
        if any(ast.unparse(decorator) == "transaction.atomic" for decorator in node.decorator_list)
        if any(argument.arg == "actor" for argument in [*node.args.args, *node.args.kwonlyargs])
    ]

    assert len(commands) > 10
    assert [s.at(n) for s, n in commands if n.args.args or n.args.kwonlyargs[0].arg != "actor"] == []


def test_services_have_no_http() -> None:
    loud = [
        source.at(node)
        for source in product_sources()
        if source.parts[:1] and source.parts[0] in {"services", "queries", "models", "permissions", "states"}
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("django.http", "django.shortcuts"))
    ]

    assert loud == []


@pytest.mark.parametrize("call", ["datetime.now", "datetime.utcnow", "date.today", "timezone.now"])
def test_time_is_read_in_one_place(call: str) -> None:
    holder, name = call.split(".")
    readers = [
        source.at(node)
        for source in product_sources()
        if source.path.name != "clock.py"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and node.attr == name
        and isinstance(node.value, ast.Name)
        and node.value.id == holder
    ]

    assert readers == []


def test_the_environment_is_read_in_one_place() -> None:
    allowed = {"environment.py", "processes.py", "keeping.py", "wsgi.py", "asgi.py"}
    readers = [
        source.at(node)
        for source in product_sources()
        if source.path.name not in allowed and source.room != "cli"
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Attribute)
        and node.attr in {"environ", "getenv"}
        and isinstance(node.value, ast.Name)
        and node.value.id == "os"
    ]

    assert readers == []


def test_migrations_have_spoken_names() -> None:
    automatic = re.compile(r"^\d{4}_(auto_|alter_|.*_and_more$|initial$)")
    names = [path for path in PACKAGE.glob("*/migrations/*.py") if automatic.match(path.stem)]

    assert names == []


def test_migrations_do_not_import_rooms() -> None:
    importing = [
        source.at(node)
        for source in sources()
        if source.is_migration
        for node in ast.walk(source.tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("eoffice")
    ]

    assert importing == []
