"""Work out the value of a text."""

from fractions import Fraction

from sums.reading import SumError, tokens


class Reader:
    """Goes through the tokens of an expression."""

    def __init__(self, words, names):
        self.words, self.place = words, 0
        self.names = names

    def peek(self):
        """Return the next token, "" at the end."""
        return self.words[self.place] if self.place < len(self.words) else ""

    def take(self):
        """Return the next token and go on."""
        word = self.peek()
        self.place += 1
        return word

    def sum(self):
        """Read what ``+`` and ``-`` join."""
        value = self.product()
        while self.peek() in ("+", "-"):
            if self.take() == "+":
                value += self.product()
            else:
                value -= self.product()
        return value

    def product(self):
        """Read what ``*`` and ``/`` join."""
        value = self.factor()
        while self.peek() in ("*", "/"):
            if self.take() == "*":
                value *= self.factor()
            else:
                divisor = self.factor()
                if divisor == 0:
                    raise SumError("division by zero")
                value /= divisor
        return value

    def factor(self):
        """Read a power, perhaps with a minus sign in front."""
        if self.peek() == "-":
            self.take()
            return -self.factor()
        base = self.atom()
        if self.peek() != "^":
            return base
        self.take()
        exponent = self.factor()
        if exponent.denominator != 1 or not 0 <= exponent <= 20:
            raise SumError(f"{exponent} is no exponent")
        return base ** int(exponent)

    def atom(self):
        """Read a number, a name or brackets."""
        word = self.take()
        if word == "(":
            value = self.sum()
            if self.take() != ")":
                raise SumError("a bracket is not closed")
            return value
        if word and word[0] in ".0123456789":
            return Fraction(word)
        if word in self.names:
            return Fraction(self.names[word])
        raise SumError(f"{word!r} is unknown")


def evaluate(text, names):
    """Return the value of the last statement of a text."""
    names = dict(names)
    value = None
    for statement in text.split(";"):
        words = tokens(statement)
        target = words[0] if words[1:2] == ["="] else ""
        if target and not target.isidentifier():
            raise SumError(f"{target!r} is no name")
        reader = Reader(words[2:] if target else words, names)
        value = reader.sum()
        if reader.peek():
            raise SumError(f"{reader.peek()!r} is one too many")
        if target:
            names[target] = value
    return str(value)
