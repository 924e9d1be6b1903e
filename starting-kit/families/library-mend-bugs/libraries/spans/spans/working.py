"""Join and compare spans."""


def merge(spans):
    """Return the spans in order of time, those that overlap or touch made one."""
    merged = []
    for span in sorted(spans):
        if merged and span[0] <= merged[-1][1]:
            merged[-1][1] = max(merged[-1][1], span[1])
        else:
            merged.append(list(span))
    return merged


def free(day, busy):
    """Return what of the day is not busy."""
    gaps = []
    taken = merge(busy)
    for start, end in merge(day):
        for first, last in taken:
            if last <= start or first >= end:
                continue
            if first > start:
                gaps.append([start, first])
            start = min(last, end)
        if start < end:
            gaps.append([start, end])
    return gaps


def longest(spans):
    """Return the longest span, the earliest of equally long ones."""
    best = None
    for span in sorted(spans):
        if best is None or span[1] - span[0] > best[1] - best[0]:
            best = list(span)
    return best
