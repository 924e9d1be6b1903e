"""What may be wrong in larder: part → kind → the fault, and calls of which the last shows it."""

BUGS = {
    "reading": {
        "edge": {
            "function": "number",
            "sound": '    if not re.fullmatch("[0-9]{1,6}", text) or int(text) < 1:\n',
            "broken": '    if not re.fullmatch("[0-9]{1,6}", text) or int(text) <= 1:\n',
            "title": "A single place is a capacity",
            "symptom": "The smallest cache that makes sense, one with room for a single thing, cannot be set up any more.",
            "calls": [["settings", ["capacity=1"]]],
        },
        "lenient": {
            "function": "settings",
            "sound": '        if key not in found:\n            raise LarderError(f"{key!r} is no setting")\n',
            "broken": "        if key not in found:\n            continue\n",
            "title": "A setting that does not exist is an error",
            "symptom": "An operator misspelt a setting. Nothing told him so, and the machine ran for a week with the default.",
            "calls": [["settings", ["capcity=4 ttl=30s"]]],
        },
        "mixed-up": {
            "function": "seconds",
            "sound": '    units = {"s": 1, "m": 60, "h": 3600}\n',
            "broken": '    units = {"s": 1, "m": 1, "h": 60}\n',
            "title": "Minutes and hours are not seconds",
            "symptom": "Everything that should live for some minutes is gone within seconds, and what should last for hours is gone in"
            " minutes; times to live in plain seconds are as they should be.",
            "calls": [["settings", ["capacity=4 ttl=2m"]]],
        },
    },
    "working": {
        "boundary": {
            "function": "Store.expire",
            "sound": "        gone = [key for key, (since, _) in self.kept.items() if now - since >= self.ttl]\n",
            "broken": "        gone = [key for key, (since, _) in self.kept.items() if now - since > self.ttl]\n",
            "title": "A value is gone when its time is up",
            "symptom": "In the very second in which its time to live has passed, a value is still handed out.",
            "calls": [["replay", ["ttl=10s", [[5, "put", "a", 1], [14, "get", "a"], [15, "get", "a"]]]]],
        },
        "aliasing": {
            "function": "Store.get",
            "sound": "        return copy.deepcopy(value)\n",
            "broken": "        return value\n",
            "title": "A result stays what it was",
            "symptom": "A list that somebody got from the cache grows in his hands while others push items to it. He wants it as it was when he"
            " asked.",
            "calls": [
                ["replay", ["ttl=10s", [[0, "put", "a", [1]], [1, "get", "a"], [2, "push", "a", 5], [3, "get", "a"]]]]
            ],
        },
        "order": {
            "function": "Store.get",
            "sound": "        since, value = self.kept.pop(key)\n        self.kept[key] = (since, value)\n",
            "broken": "        since, value = self.kept[key]\n",
            "title": "What is asked for is kept for longer",
            "symptom": "When room is needed, the cache throws out what is in constant demand, merely because it was put there first, and keeps"
            " what nobody ever asks for.",
            "calls": [
                [
                    "replay",
                    [
                        "capacity=2 ttl=90s",
                        [[0, "put", "a", 1], [1, "put", "b", 2], [2, "get", "a"], [3, "put", "c", 3], [4, "keys"]],
                    ],
                ]
            ],
        },
        "stale": {
            "function": "Store.__init__",
            "sound": "    def __init__(self, capacity, ttl):\n        self.capacity, self.ttl = capacity, ttl\n        self.kept = {}\n",
            "broken": "    kept = {}\n\n    def __init__(self, capacity, ttl):\n        self.capacity, self.ttl = capacity, ttl\n",
            "title": "A new cache is empty",
            "symptom": "Two caches in one program see each other's values. A new one should have nothing in it, and this one has what was left"
            " from the last.",
            "calls": [
                ["replay", ["ttl=50s", [[0, "put", "a", 1]]]],
                ["replay", ["ttl=50s", [[1, "get", "a"], [1, "keys"]]]],
            ],
        },
    },
    "showing": {
        "rounding": {
            "function": "rate",
            "sound": "    tenths = (2000 * hits + asked) // (2 * asked)\n",
            "broken": "    tenths = 1000 * hits // asked\n",
            "title": "The rate is rounded and not cut off",
            "symptom": "Two hits in three requests are reported as 66.6 percent, which is a tenth too little.",
            "calls": [["rate", [2, 1]]],
        },
        "nothing": {
            "function": "rate",
            "sound": '    if not asked:\n        return "never asked"\n    tenths = ',
            "broken": "    tenths = ",
            "title": "A cache that was never asked has a report",
            "symptom": "Reports of a cache that has just been started end with an exception, because nobody asked it for anything yet.",
            "calls": [["rate", [0, 0]]],
        },
        "padding": {
            "function": "table",
            "sound": "    width = max((len(key) for key, _ in pairs), default=0)\n",
            "broken": "    width = len(pairs[0][0]) if pairs else 0\n",
            "title": "Columns are as wide as their widest key",
            "symptom": "Values do not stand below each other in tables, unless the longest of the keys happens to be in the first line.",
            "calls": [["table", [[["a", 1], ["lemons", 2]]]]],
        },
    },
}
