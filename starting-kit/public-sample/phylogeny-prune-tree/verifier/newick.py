"""Read a Newick tree within limits: it may come from the agent."""

from dataclasses import dataclass, field

LARGEST = 100_000
DEEPEST = 200
MARKS = "(),:;"


class NewickError(ValueError):
    """A text that is no tree by the rules of the prompt."""


@dataclass
class Node:
    """A node, the branch above it, and what hangs below."""

    label: str = ""
    length: float | None = None
    children: list["Node"] = field(default_factory=list)

    def tips(self):
        """Return the labels of all tips at or below a node."""
        if not self.children:
            return [self.label]
        return [label for child in self.children for label in child.tips()]


class Reader:
    """Goes through a text character by character."""

    def __init__(self, text):
        if len(text) > LARGEST:
            raise NewickError("the text is far too long")
        self.text, self.place = text, 0

    def peek(self):
        """Return the next character that is neither white space nor in a comment; nothing at the end."""
        while self.place < len(self.text):
            char = self.text[self.place]
            if char == "[":
                self.place = self.text.find("]", self.place)
                if self.place < 0:
                    raise NewickError("a comment does not end")
            elif not char.isspace():
                return char
            self.place += 1
        return ""

    def take(self, mark):
        """Step over a mark that has to come next."""
        if self.peek() != mark:
            raise NewickError(f"{mark!r} is missing at {self.text[self.place : self.place + 30]!r}")
        self.place += 1

    def word(self):
        """Return the label or number that comes next; empty where there is none."""
        if self.peek() == "'":
            return self.quoted()
        start = self.place
        while self.place < len(self.text) and self.text[self.place] not in MARKS + "'[]":
            if self.text[self.place].isspace():
                break
            self.place += 1
        return self.text[start : self.place].replace("_", " ")

    def quoted(self):
        """Return a label in quotes."""
        found = []
        while self.text[self.place : self.place + 1] == "'":
            end = self.text.find("'", self.place + 1)
            if end < 0:
                raise NewickError("a quote does not end")
            found.append(self.text[self.place + 1 : end])
            self.place = end + 1
        return "'".join(found)

    def node(self, depth=0):
        """Return a node with everything below."""
        if depth > DEEPEST:
            raise NewickError("the tree is far too deep")
        node = Node()
        if self.peek() == "(":
            self.take("(")
            node.children.append(self.node(depth + 1))
            while self.peek() == ",":
                self.take(",")
                node.children.append(self.node(depth + 1))
            self.take(")")
        node.label = self.word()
        if self.peek() == ":":
            self.take(":")
            node.length = number(self.word())
        return node

    def tree(self):
        """Return the root of the one tree in the text."""
        root = self.node()
        self.take(";")
        if self.peek():
            raise NewickError("something follows the tree")
        return root


def number(text):
    """Return a number of ordinary size."""
    try:
        value = float(text)
    except ValueError:
        raise NewickError(f"{text[:40]!r} is no number") from None
    if not -1000 < value < 1000:
        raise NewickError(f"{text[:40]!r} is no length or support")
    return value
