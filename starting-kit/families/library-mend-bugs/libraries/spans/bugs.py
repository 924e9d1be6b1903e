"""What may be wrong in spans: part → kind → the fault, and calls of which the last shows it."""

BUGS = {
    "reading": {
        "edge": {
            "function": "parse",
            "sound": "        first, last = minutes(start, 1439), minutes(end, 1440)\n",
            "broken": "        first, last = minutes(start, 1439), minutes(end, 1439)\n",
            "title": "A span may end at midnight",
            "symptom": "The night shop cannot enter its hours: whatever is open until the very end of the day is turned away with"
            " an error, as though that hour were not on the clock.",
            "calls": [["parse", ["18:00-24:00"]]],
        },
        "lenient": {
            "function": "minutes",
            "sound": "    if minute > 59 or 60 * hour + minute > latest:\n",
            "broken": "    if 60 * hour + minute > latest:\n",
            "title": "An hour has sixty minutes",
            "symptom": "A slip of the finger went through: somebody typed seventy-five minutes past nine, nobody complained, and the"
            " branch opened at a quarter past ten.",
            "calls": [["parse", ["09:75-11:00"]]],
        },
        "mixed-up": {
            "function": "parse",
            "sound": '        if last <= first:\n            raise SpanError(f"{part!r} does not end after it starts")\n',
            "broken": "        if last <= first:\n            first, last = last, first\n",
            "title": "A span that ends before it starts is refused",
            "symptom": "The bar's hours over midnight ought to be refused. Instead it is now open all day and closed at night, with"
            " start and end the wrong way round.",
            "calls": [["parse", ["22:00-02:00"]]],
        },
    },
    "working": {
        "boundary": {
            "function": "merge",
            "sound": "        if merged and span[0] <= merged[-1][1]:\n",
            "broken": "        if merged and span[0] < merged[-1][1]:\n",
            "title": "Spans that touch are joined",
            "symptom": "Two shifts, the second of which begins in the minute in which the first ends, come out as two opening times, where"
            " customers see no pause at all.",
            "calls": [["merge", [[[540, 720], [720, 900]]]]],
        },
        "aliasing": {
            "function": "merge",
            "sound": "            merged.append(list(span))\n",
            "broken": "            merged.append(span)\n",
            "title": "Joining leaves the plan alone",
            "symptom": "Our plan of shifts changes under our hands. Before the hours are joined every shift has its own end; afterwards some"
            " of them are longer, although all we did was look.",
            "calls": [["merge", [[[540, 720], [600, 900]]]]],
        },
        "order": {
            "function": "longest",
            "sound": "        if best is None or span[1] - span[0] > best[1] - best[0]:\n",
            "broken": "        if best is None or span[1] - span[0] >= best[1] - best[0]:\n",
            "title": "The earliest of equally long spans wins",
            "symptom": "Deliveries go to the longest stretch of the day. On days with several that are equally long they used to come in the"
            " morning, and now the driver turns up in the evening.",
            "calls": [["longest", [[[840, 960], [540, 660], [700, 820]]]]],
        },
        "stale": {
            "function": "free",
            "sound": 'def free(day, busy):\n    """Return what of the day is not busy."""\n    gaps = []\n',
            "broken": 'def free(day, busy, gaps=[]):\n    """Return what of the day is not busy."""\n',
            "title": "Free time is that of the day asked for",
            "symptom": "The first room we ask about is fine. From the second on, the free times of all rooms before are in the list too,"
            " until the service is started again.",
            "calls": [["free", [[[540, 720]], [[600, 630]]]], ["free", [[[800, 900]], [[800, 850]]]]],
        },
    },
    "showing": {
        "rounding": {
            "function": "total",
            "sound": "    hundredths = (200 * covered + 60) // 120\n",
            "broken": "    hundredths = 100 * covered // 60\n",
            "title": "Hours are rounded and not cut off",
            "symptom": "Bookkeeping misses a hundredth of an hour here and there. A stretch of ten minutes should be 0.17 of an hour on the"
            " slip.",
            "calls": [["total", [[[600, 610]]]]],
        },
        "nothing": {
            "function": "show",
            "sound": '    if not spans:\n        return "closed"\n    return ", ".join(',
            "broken": '    return ", ".join(',
            "title": "A day without hours is shown as closed",
            "symptom": "On Sundays the sign at the door is blank. It should tell people that nobody is there.",
            "calls": [["show", [[]]]],
        },
        "padding": {
            "function": "clock",
            "sound": '    return f"{minute // 60:02d}:{minute % 60:02d}"\n',
            "broken": '    return f"{minute // 60:02d}:{minute % 60}"\n',
            "title": "Minutes have two digits",
            "symptom": "Signs say that we open at `08:5`. Five minutes past eight is what is meant, and full hours look odd as well.",
            "calls": [["show", [[[485, 600]]]]],
        },
    },
}
