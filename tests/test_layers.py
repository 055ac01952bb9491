"""Which room may look into which: everything flows one way (docs/architecture.md)."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent / "normalise"

# From the ground up. Rooms on one floor don't know each other, but for those in BESIDE.
FLOORS = (
    ("data", "edits", "errors", "software", "language"),
    ("files",),
    ("formats", "segment", "memory", "packages"),
    ("stages", "translate", "glossary"),
    ("parts", "stream", "audit", "pipeline", "settings"),
    ("batch", "maintain"),
    ("integrations", "report"),
    ("cli",),
)
BESIDE = {
    ("edits", "data"), ("pipeline", "parts"), ("pipeline", "stream"), ("language", "errors"), ("software", "language"),
    ("pipeline", "settings"), ("parts", "settings"),
}  # fmt: skip
MOST_LINES, MOST_FILES = 400, 12


def rooms() -> dict[str, int]:
    return {room: floor for floor, names in enumerate(FLOORS) for room in names}


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Modules of the project that a module imports, wherever in it, with the line."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert not node.level or path.parent.name == "segment", f"{path}: relative import"
            if node.module == "normalise":
                yield from ((alias.name, node.lineno) for alias in node.names)
            elif (node.module or "").startswith("normalise."):
                yield str(node.module).removeprefix("normalise."), node.lineno
        elif isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.startswith("normalise."):
                    yield alias.name.removeprefix("normalise."), node.lineno


def modules() -> list[Path]:
    return [p for p in sorted(ROOT.rglob("*.py")) if "bundled" not in p.parts]


def test_rooms_look_downwards_only() -> None:
    floors = rooms()
    wrong = []
    for path in modules():
        room = path.relative_to(ROOT).parts[0].removesuffix(".py")
        if room.startswith("__"):
            continue  # the front door and `python -m`
        for target, line in imports(path):
            other = target.split(".")[0]
            if other in (room, "__version__") or (room, other) in BESIDE:
                continue
            if floors[other] >= floors[room]:
                wrong.append(f"{path.relative_to(ROOT)}:{line} imports {target}")
    assert not wrong, "\n".join(wrong)


def test_no_module_imports_itself_by_a_detour() -> None:
    graph: dict[str, set[str]] = {}
    names = {
        ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p
        for p in modules()
    }
    for name, path in names.items():
        graph[name] = {target for target, _ in imports(path) if target in names} - {name}
    done: set[str] = set()

    def visit(name: str, trail: tuple[str, ...]) -> None:
        assert name not in trail, " → ".join((*trail, name))
        if name not in done:
            for target in sorted(graph[name]):
                visit(target, (*trail, name))
            done.add(name)

    for name in graph:
        visit(name, ())


def test_rooms_are_small() -> None:
    long = [
        f"{path.relative_to(ROOT)}: {count} lines"
        for path in modules()
        if (count := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    ]
    full = [
        f"{folder.relative_to(ROOT.parent)}: {count} modules"
        for folder in {path.parent for path in modules()}
        if (count := len(list(folder.glob("*.py")))) > MOST_FILES
    ]
    assert not long + full, "\n".join(long + full)


def test_the_architecture_page_names_every_module() -> None:
    page = (ROOT.parent / "docs" / "architecture.md").read_text("utf-8")
    missing = [
        str(path.relative_to(ROOT))
        for path in modules()
        if path.parts[-2] not in ("cli", "normalise")
        and path.stem not in ("__init__", "__main__")
        and f"`{path.stem}`" not in page
    ]
    assert not missing, "\n".join(missing)
