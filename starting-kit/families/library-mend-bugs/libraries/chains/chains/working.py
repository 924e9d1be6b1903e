"""Work out orders and times."""

from chains.reading import ChainError


def order(needs):
    """Return all names, each after its needs."""
    waiting = {name: list(others) for name, others in needs.items()}
    done = []
    while waiting:
        ready = sorted(name for name, others in waiting.items() if not others)
        if not ready:
            raise ChainError("there is a circle")
        name = ready[0]
        done.append(name)
        del waiting[name]
        for others in waiting.values():
            if name in others:
                others.remove(name)
    return done


def finish(needs, minutes):
    """Return the minute in which each is done."""
    ends = {}
    for name in order(needs):
        start = max((ends[other] for other in needs[name]), default=0)
        ends[name] = start + minutes.get(name, 1)
    return ends


def done_by(needs, minutes, limit):
    """Return the names that are done by a minute."""
    ends = finish(needs, minutes)
    done = [name for name in ends if ends[name] <= limit]
    return sorted(done, key=lambda name: (ends[name], name))
