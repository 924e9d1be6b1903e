"""Tell how a cache did."""


def rate(hits, misses):
    """Return how many requests were hits."""
    asked = hits + misses
    if not asked:
        return "never asked"
    tenths = (2000 * hits + asked) // (2 * asked)
    return f"{hits} of {asked} ({tenths // 10}.{tenths % 10}%)"


def table(pairs):
    """Return the lines of a table."""
    width = max((len(key) for key, _ in pairs), default=0)
    return [f"{key:<{width}}  {value}" for key, value in pairs]
