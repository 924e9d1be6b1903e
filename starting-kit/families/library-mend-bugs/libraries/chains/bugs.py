"""What may be wrong in chains: part → kind → the fault, and calls of which the last shows it."""

BUGS = {
    "reading": {
        "edge": {
            "function": "parse",
            "sound": "            needs.setdefault(other, [])\n            mine.append(other)\n",
            "broken": "            mine.append(other)\n",
            "title": "What is only needed is a name as well",
            "symptom": "A thing that others need, and that has no line of its own because it needs nothing, is missing from what was read.",
            "calls": [["parse", ["roof: walls, beams\nwalls"]]],
        },
        "lenient": {
            "function": "parse",
            "sound": '            if other == name:\n                raise ChainError(f"{name!r} needs itself")\n',
            "broken": "            if other == name:\n                continue\n",
            "title": "Nothing may need itself",
            "symptom": "Somebody wrote a task behind its own colon. That is a mistake, of which he should hear when the file is read.",
            "calls": [["parse", ["roof: walls, roof"]]],
        },
        "mixed-up": {
            "function": "parse",
            "sound": "        mine = needs.setdefault(name, [])\n",
            "broken": "        mine = needs[name] = []\n",
            "title": "Several lines of one name add up",
            "symptom": "Our lists are long, so that some tasks have two lines. It seems that only the lower one of them is heeded.",
            "calls": [["parse", ["roof: walls\nroof: beams\nroof: crane"]]],
        },
    },
    "working": {
        "boundary": {
            "function": "done_by",
            "sound": "    done = [name for name in ends if ends[name] <= limit]\n",
            "broken": "    done = [name for name in ends if ends[name] < limit]\n",
            "title": "What is done in the last minute is done",
            "symptom": "A job that ends just at the deadline is not in the list of those that make it.",
            "calls": [["done_by", [{"floor": [], "walls": ["floor"]}, {"floor": 5, "walls": 4}, 9]]],
        },
        "aliasing": {
            "function": "order",
            "sound": "    waiting = {name: list(others) for name, others in needs.items()}\n",
            "broken": "    waiting = dict(needs)\n",
            "title": "Asking for the order leaves the needs alone",
            "symptom": "After one question about the order, nothing seems to need anything any more: the second answer is plainly wrong, and the"
            " object that we pass in has been emptied.",
            "calls": [["order", [{"floor": [], "walls": ["floor"], "roof": ["floor", "walls"]}]]],
        },
        "order": {
            "function": "order",
            "sound": "        ready = sorted(name for name, others in waiting.items() if not others)\n",
            "broken": "        ready = [name for name, others in waiting.items() if not others]\n",
            "title": "Of those that are ready the first by name goes first",
            "symptom": "Two of our machines read the same needs from files that are sorted differently and do not agree on the plan, although either"
            " plan would work.",
            "calls": [["order", [{"walls": [], "floor": [], "roof": ["walls"], "attic": ["floor"]}]]],
        },
        "stale": {
            "function": "finish",
            "sound": 'def finish(needs, minutes):\n    """Return the minute in which each is done."""\n    ends = {}\n',
            "broken": 'def finish(needs, minutes, ends={}):\n    """Return the minute in which each is done."""\n',
            "title": "Times are those of the project asked about",
            "symptom": "The times of the second project of the day contain tasks that belong to the first. A restart helps, until two projects are"
            " looked at again.",
            "calls": [["finish", [{"floor": []}, {"floor": 3}]], ["finish", [{"bread": []}, {"bread": 2}]]],
        },
    },
    "showing": {
        "rounding": {
            "function": "duration",
            "sound": "    minutes = (seconds + 59) // 60\n",
            "broken": "    minutes = seconds // 60\n",
            "title": "A minute that has begun counts",
            "symptom": "Bills are short of a minute in nearly all cases, namely unless the time is a multiple of sixty seconds.",
            "calls": [["duration", [61]]],
        },
        "nothing": {
            "function": "duration",
            "sound": '    if not hours:\n        return f"{rest} min"\n    return f"{hours} h',
            "broken": '    return f"{hours} h',
            "title": "Hours that are none are not shown",
            "symptom": "A short break is announced as one of nought hours and some minutes; nobody wants to read of hours there.",
            "calls": [["duration", [300]]],
        },
        "padding": {
            "function": "wrap",
            "sound": '        if lines and len(f"{lines[-1]} > {name}") <= width:\n',
            "broken": "        if lines and len(lines[-1]) + len(name) <= width:\n",
            "title": "Lines keep to their width with all that is in them",
            "symptom": "On the label printer the lines run over the edge by up to three characters.",
            "calls": [["wrap", [["floor", "walls", "roof"], 12]]],
        },
    },
}
