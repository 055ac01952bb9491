"""What is left and right of an anchor: the slotted forms that share it, as two tries.

Hundreds of forms share an anchor such as "provincial party committee". Taken one by one they would
read the same places again and again; in a trie each side is read once, and one comparison with all
literals of a node rules out most anchors at once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from normalise.glossary.compiled.tables import Form
from normalise.glossary.match.context import Context
from normalise.glossary.match.fold import in_word
from normalise.glossary.match.placeholders import SlotReader

Reading = tuple[int, tuple[tuple[str, str], ...]]


@dataclass(slots=True)
class _Node:
    """A point between two items: the literals and slots that may come next, going outwards."""

    literals: dict[str, _Node] = field(default_factory=dict)
    slots: dict[str, _Node] = field(default_factory=dict)
    end: bool = False
    number: int = 0
    texts: tuple[str, ...] = ()


class Sides:
    """The slotted forms of one anchor."""

    __slots__ = ("_forms", "_left", "_right")

    def __init__(self, forms: Sequence[Form]) -> None:
        self._left, self._right = _Node(), _Node()
        self._forms: dict[tuple[int, int], list[Form]] = {}
        count = [0]
        for form in forms:
            left = _insert(self._left, form.items[: form.anchor][::-1], count)
            right = _insert(self._right, form.items[form.anchor + 1 :], count)
            self._forms.setdefault((left, right), []).append(form)
        _freeze(self._left)
        _freeze(self._right)

    def find(
        self, context: Context, slots: SlotReader, start: int, end: int
    ) -> Iterator[tuple[Form, int, int, tuple[tuple[str, str], ...]]]:
        """Forms around an anchor found at ``start:end``, each in its best reading."""
        left: dict[int, Reading] = {}
        _walk(self._left, context, slots, start, -1, (), left)
        if not left:
            return
        right: dict[int, Reading] = {}
        _walk(self._right, context, slots, end, 1, (), right)
        for left_end, (low, before) in left.items():
            for right_end, (high, after) in right.items():
                for form in self._forms.get((left_end, right_end), ()):
                    yield form, low, high, tuple(sorted((*before, *after)))


def _insert(root: _Node, items: Sequence[str], count: list[int]) -> int:
    node = root
    for item in items:
        branch = node.slots if item.startswith("{") else node.literals
        node = branch.setdefault(item.strip("{}") if branch is node.slots else item, _Node())
    if not node.end:
        count[0] += 1
        node.end, node.number = True, count[0]
    return node.number


def _freeze(node: _Node) -> None:
    node.texts = tuple(node.literals)
    for child in (*node.literals.values(), *node.slots.values()):
        _freeze(child)


def _walk(
    node: _Node,
    context: Context,
    slots: SlotReader,
    position: int,
    step: int,
    values: tuple[tuple[str, str], ...],
    found: dict[int, Reading],
) -> None:
    """Collect the ends of a side that are reached at a word boundary, best reading first."""
    text = context.folded.text
    if node.end and node.number not in found and _is_boundary(text, position, step):
        found[node.number] = (position, values)
    if node.texts:
        if step > 0:
            if text.startswith(node.texts, position):
                for literal, child in node.literals.items():
                    if text.startswith(literal, position):
                        reached = position + len(literal)
                        _walk(child, context, slots, reached, step, values, found)
        elif text.endswith(node.texts, 0, position):
            for literal, child in node.literals.items():
                if text.endswith(literal, 0, position):
                    reached = position - len(literal)
                    _walk(child, context, slots, reached, step, values, found)
    for name, child in node.slots.items():
        for reached, value in slots.read(name, context, position, step):
            _walk(child, context, slots, reached, step, (*values, (name, value)), found)


def _is_boundary(text: str, position: int, step: int) -> bool:
    if step > 0:
        return position >= len(text) or not in_word(text[position])
    return position <= 0 or not in_word(text[position - 1])
