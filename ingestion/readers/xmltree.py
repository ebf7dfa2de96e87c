"""XML that others wrote, as a small tree of elements by local name, without what XML can do to a machine.

No entities, no DTD, no network; size, depth and number of elements are bounded before anything is built. What the
elements mean does not belong here.
"""

from __future__ import annotations

from lxml import etree

from ingestion.errors import FileRefused

# Documents embedded in an invoice make it large; libxml2 itself stops at 10 MB of text in one place and 256 levels.
MAX_BYTES = 32 << 20
# Each element has one or two; ten thousand invoice lines stay below.
MAX_TAGS = 1_000_000
# A document type can only stand before the first element. Zero bytes are those of UTF-16.
_PROLOG_BYTES = 64 << 10

_PARSER = etree.XMLParser(
    resolve_entities=False,
    load_dtd=False,
    dtd_validation=False,
    no_network=True,
    huge_tree=False,
    remove_comments=True,
    remove_pis=True,
)
_LOCAL_NAMES: dict[str, str] = {}


class Node:
    """An element: its children by local name, in document order, and its text and attributes, all when asked for."""

    __slots__ = ("_children", "_element")

    def __init__(self, element: etree._Element) -> None:
        self._element = element
        self._children: dict[str, list[Node]] | None = None

    @property
    def children(self) -> dict[str, list[Node]]:
        """The children by local name."""
        children = self._children
        if children is None:
            children = self._children = {}
            for child in self._element:
                tag = child.tag
                name = _LOCAL_NAMES.get(tag)
                if name is None:
                    name = _LOCAL_NAMES.setdefault(tag, tag[tag.rfind("}") + 1 :])
                found = children.get(name)
                if found is None:
                    children[name] = [Node(child)]
                else:
                    found.append(Node(child))
        return children

    @property
    def value(self) -> str | None:
        """The element's text, runs of white space as one blank; None where there is none."""
        text = self._element.text
        return (" ".join(text.split()) or None) if text else None

    def attribute(self, name: str) -> str | None:
        """An attribute's text, None where it has none."""
        return (self._element.get(name) or "").strip() or None

    def one(self, *path: str) -> Node | None:
        """The first element at a path of local names."""
        node = self
        for name in path:
            found = node.children.get(name)
            if found is None:
                return None
            node = found[0]
        return node

    def all(self, *path: str) -> list[Node]:
        """All elements of the last name of a path, below the first of each name before it."""
        parent = self.one(*path[:-1])
        return [] if parent is None else parent.children.get(path[-1], [])

    def text(self, *path: str) -> str | None:
        """The text of the first element at a path."""
        node = self
        for name in path:
            found = node.children.get(name)
            if found is None:
                return None
            node = found[0]
        return node.value


def parse(data: bytes, name: str) -> etree._Element:
    """The root element. Raises FileRefused when it is no XML, incomplete, or more than a document should be."""
    # Without the zero bytes of UTF-16 the word reads the same in all encodings that are in use.
    if b"<!DOCTYPE" in data[:_PROLOG_BYTES].replace(b"\0", b""):
        raise _declares_a_type(name)
    if len(data) > MAX_BYTES or data.count(b"<") > MAX_TAGS:
        raise FileRefused(
            f"{name} is larger than an invoice can be ({len(data) >> 20} MB, {data.count(b'<')} tags). "
            "Ask for it without embedded documents, or split the collection."
        )
    try:
        root = etree.fromstring(data.lstrip(), _PARSER)
    except etree.XMLSyntaxError as error:
        reason = (error.msg or "no element").rstrip(".")
        raise FileRefused(
            f"{name} is no complete XML: {reason}. It was cut off or damaged when it was written or copied: "
            "copy it again or ask for it again."
        ) from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise _declares_a_type(name)
    return root


def _declares_a_type(name: str) -> FileRefused:
    return FileRefused(
        f"{name} declares a document type (DOCTYPE), which no invoice has and with which XML can flood a machine. "
        "It was not read further; do not trust where it came from."
    )
