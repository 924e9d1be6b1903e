"""Keep values for a while."""

import copy

from larder.reading import LarderError, settings


class Store:
    """Values by key, with the time they were put; the least recently used first."""

    def __init__(self, capacity, ttl):
        self.capacity, self.ttl = capacity, ttl
        self.kept = {}

    def expire(self, now):
        """Forget what is too old."""
        gone = [key for key, (since, _) in self.kept.items() if now - since >= self.ttl]
        for key in gone:
            del self.kept[key]

    def put(self, now, key, value):
        """Keep a value; make room where there is none."""
        self.expire(now)
        self.kept.pop(key, None)
        if len(self.kept) >= self.capacity:
            del self.kept[next(iter(self.kept))]
        self.kept[key] = (now, copy.deepcopy(value))

    def get(self, now, key):
        """Return a value, None where it is not kept."""
        self.expire(now)
        if key not in self.kept:
            return None
        since, value = self.kept.pop(key)
        self.kept[key] = (since, value)
        return copy.deepcopy(value)

    def push(self, now, key, item):
        """Put an item at the end of a list."""
        self.expire(now)
        if key in self.kept and isinstance(self.kept[key][1], list):
            self.kept[key][1].append(copy.deepcopy(item))

    def keys(self, now):
        """Return the keys."""
        self.expire(now)
        return list(self.kept)


def replay(text, commands):
    """Return the results of commands."""
    store = Store(**settings(text))
    results = []
    for now, word, *rest in commands:
        if word not in ("put", "get", "push", "keys"):
            raise LarderError(f"{word!r} is no command")
        result = getattr(store, word)(now, *rest)
        if word in ("get", "keys"):
            results.append(result)
    return results
