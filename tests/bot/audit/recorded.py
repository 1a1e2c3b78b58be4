"""What the product records in its audit log, read from its source: acts and names of details."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[3]
PACKAGES = ("sales", "handlers", "storage", "bot")

COMPUTED = {
    ("handlers/library/actions.py", "f'library.{act}'"): (
        "library.approve", "library.return", "library.retire",
    ),
    ("handlers/bulk_acts/jobs.py", "f'bulk.{ended.state.value}'"): ("bulk.done", "bulk.undone"),
    ("handlers/imports/jobs.py", "f'import.{state.value}'"): (
        "import.imported", "import.undone", "import.dropped",
    ),
    ("handlers/imports/actions.py", "f'import.{state.value}'"): (
        "import.importing", "import.undoing", "import.dropped",
    ),
    ("handlers/collaboration/actions.py", "f'access.{state}'"): (
        "access.shared", "access.handed", "access.declined",
    ),
}  # fmt: skip
"""Acts that are put together while the product runs."""


class Unresolved(Exception):
    """An act whose name cannot be read from the source: add it to ``COMPUTED``."""


@cache
def _modules() -> dict[str, ast.Module]:
    return {
        str(path.relative_to(ROOT)): ast.parse(path.read_text("utf-8"))
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
    }


@cache
def recorded_acts() -> frozenset[str]:
    """Return every act. Raises Unresolved."""
    return frozenset(
        act
        for path, module in _modules().items()
        for function, call in _recordings(module)
        for act in _values(call.args[1], path, module, function)
    )


@cache
def recorded_details() -> frozenset[str]:
    """Return the names in every dictionary of a function that records something."""
    found: set[str] = set()
    for module in _modules().values():
        for function, call in _recordings(module):
            detail = call.args[3] if len(call.args) > 3 else None
            place: ast.AST = detail if isinstance(detail, ast.Dict) else function
            for node in ast.walk(place):
                if not isinstance(detail, ast.Name) or _assigns(node, detail.id):
                    found |= set(_keys(node))
    return frozenset(found)


def _assigns(node: ast.AST, name: str) -> bool:
    match node:
        case (
            ast.Assign(targets=[ast.Name(id=target)])
            | ast.AnnAssign(target=ast.Name(id=target))
            | ast.AugAssign(target=ast.Name(id=target))
        ):
            return target == name
    return False


def _keys(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Dict):
            for key in part.keys:
                if isinstance(key, ast.Constant) and isinstance(key.value, str):
                    yield key.value


def _calls(name: str, module: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.Call]]:
    for function in ast.walk(module):
        if not isinstance(function, ast.FunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Call) and _is_named(node.func, name):
                yield function, node


def _is_named(function: ast.expr, name: str) -> bool:
    """Compare before ``unparse``, which is slow."""
    last = name.rpartition(".")[2]
    match function:
        case ast.Name(id=own) | ast.Attribute(attr=own) if own == last:
            return ast.unparse(function).endswith(name)
    return False


def _recordings(module: ast.Module) -> Iterator[tuple[ast.FunctionDef, ast.Call]]:
    return _calls("audit.record", module)


def _values(
    act: ast.expr, path: str, module: ast.Module, function: ast.FunctionDef
) -> Iterator[str]:
    match act:
        case ast.Constant(value=str(value)):
            yield value
        case ast.IfExp():
            yield from _values(act.body, path, module, function)
            yield from _values(act.orelse, path, module, function)
        case ast.Name(id=name):
            yield from _named(name, path, module, function)
        case ast.Attribute(value=ast.Name(id=there), attr=name) if there != "self":
            yield from _imported(there, module, name)
        case _:
            try:
                yield from COMPUTED[path, ast.unparse(act)]
            except KeyError:
                raise Unresolved(f"{path}: {ast.unparse(act)}") from None


def _named(name: str, path: str, module: ast.Module, function: ast.FunctionDef) -> Iterator[str]:
    """Follow a name to where it is assigned, or a parameter to the calls of its function."""
    arguments = function.args
    places = [one.arg for one in arguments.args]
    if name in places or name in [one.arg for one in arguments.kwonlyargs]:
        for caller, call in _calls(function.name, module):
            given = [word.value for word in call.keywords if word.arg == name]
            if name in places:
                given += call.args[places.index(name) :][:1]
            for value in given:
                yield from _values(value, path, module, caller)
        for word, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
            if word.arg == name and default:
                yield from _values(default, path, module, function)
        return
    found = [
        node.value
        for scope in (function, module)
        for node in ast.walk(scope)
        if isinstance(node, ast.Assign | ast.AnnAssign) and _assigns(node, name) and node.value
    ]
    if not found:
        yield from _imported(name, module)
    for value in found:
        yield from _values(value, path, module, function)


def _imported(name: str, module: ast.Module, attribute: str = "") -> Iterator[str]:
    for node in ast.walk(module):
        if not isinstance(node, ast.ImportFrom) or not node.module or node.level:
            continue
        for one in node.names:
            if (one.asname or one.name) == name:
                parts = f"{node.module}.{one.name}" if attribute else node.module
                path = f"{parts.replace('.', '/')}.py"
                yield from _named(attribute or one.name, path, _modules()[path], _nowhere())
                return
    raise Unresolved(name)


def _nowhere() -> ast.FunctionDef:
    [function] = ast.parse("def nowhere(): pass").body
    assert isinstance(function, ast.FunctionDef)
    return function
