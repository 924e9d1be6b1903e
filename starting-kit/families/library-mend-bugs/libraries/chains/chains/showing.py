"""Write orders and times."""


def wrap(names, width):
    """Return lines of names."""
    lines = []
    for name in names:
        if lines and len(f"{lines[-1]} > {name}") <= width:
            lines[-1] += f" > {name}"
        else:
            lines.append(name)
    return lines


def duration(seconds):
    """Return a time in hours and minutes."""
    minutes = (seconds + 59) // 60
    hours, rest = divmod(minutes, 60)
    if not hours:
        return f"{rest} min"
    return f"{hours} h {rest:02d} min"
