"""A service's old configuration: one or two files in which every rule has something to decide."""

HOSTS = ("app1.example.org", "db.internal", "10.0.3.7", "mx.example.org", "cache-2.internal", "queue.example.org")
SECTIONS = {
    "default": ("host", "root", "owner", "timeout"),
    "server": ("host", "port", "timeout", "max_body", "tls", "workers", "url", "admin_token", "origins"),
    "database": ("host", "port", "name", "password", "pool", "timeout", "dsn", "ssl", "replicas"),
    "cache": ("size", "ttl", "enabled", "prefix", "port", "nodes"),
    "mail": ("sender", "password", "retry", "starttls", "limit", "port", "banner"),
    "jobs": ("spool", "interval", "batch", "paused", "webhook_secret", "queues", "limit"),
    "search": ("tokenizer", "url", "refresh", "heap", "token", "fuzzy", "stop_words"),
}
KINDS = {
    "duration": ("timeout", "ttl", "retry", "interval", "refresh"),
    "size": ("max_body", "size", "limit", "heap", "batch"),
    "flag": ("tls", "ssl", "enabled", "starttls", "paused", "fuzzy"),
    "list": ("origins", "replicas", "nodes", "queues", "stop_words"),
    "secret": ("admin_token", "password", "webhook_secret", "token"),
}
PROFILES = ("prod", "staging")


def plain_value(key, random):
    """Return a value that refers to nothing."""
    kind = next((kind for kind, keys in KINDS.items() if key in keys), key)
    if kind == "duration":
        return f"{random.randrange(2, 90)}{random.choice('smh')}"
    if kind == "size":
        return f"{random.randrange(1, 64)}{random.choice('kMG')}"
    if kind == "flag":
        return random.choice(["yes", "no", "on", "off", "true", "false"])
    if kind == "list":
        return ",".join(random.sample(["red", "blue", "green", "amber", "pine", "oak"], random.randrange(1, 3)))
    if kind == "secret":
        return "".join(random.choices("abcdefghkmnpqrstuvwxyz23456789", k=12))
    return {
        "host": random.choice(HOSTS),
        "port": str(random.randrange(1025, 9999)),
        "workers": str(random.randrange(2, 33)),
        "pool": str(random.randrange(5, 50)),
    }.get(key, random.choice(["main", "north", "blue-green", "v2", "edge"]))


def refer(section, key, references, fallback):
    """Return how a value refers to another one."""
    if references == "section":
        return f"%({key})s"
    return f"${{{section}.{key}{f':-{fallback}' if references == 'fallback' else ''}}}"


def value_of(section, key, references, random):
    """Return a value, perhaps with references; some lead nowhere, and some lead on to others."""

    def to(other, name):
        return refer(
            section if references == "section" else other, name, references, random.choice(["none", "local", "9"])
        )

    built = {
        "url": f"https://{to('server', 'host')}:{to('server', 'port')}/",
        "dsn": f"pg://{to('database', 'host')}/{to('database', 'name')}?ssl={to('database', 'ssl')}",
        "prefix": f"{to('default', 'owner')}-cache",
        "sender": f"{to('default', 'owner')}@{to('default', 'host')}",
        "banner": f"{to('mail', 'sender')} ({to('mail', 'motto')})",
        "spool": f"{to('default', 'root')}/spool",
        "retry": to("default", "timeout"),
        "heap": to("jobs", "limit"),
        "name": f"{to('server', 'host')}_{to('cache', 'shard')}",
    }
    if key == "root":
        return "/srv/app"
    return built[key] if key in built and random.random() < 0.9 else plain_value(key, random)


def entry(section, key, value, source, random):
    """Return the lines of one setting in the old syntax, without its section's header."""
    if source == "sections":
        return [f"{key}{random.choice([' = ', '=', ' : '])}{value}{random.choice(['', '', '  ; as agreed'])}"]
    if source == "dotted":
        name = f"{section}.{key}{random.choice([' = ', '=', ': '])}"
        if len(value) > 14 and random.random() < 0.6:
            cut = len(value) // 2
            return [f"{name}{value[:cut]}\\", f"    {value[cut:]}"]
        return [f"{name}{value}"]
    quote = random.choice(['"', "'", '"', '"' if " " in value else ""])
    comment = " # as agreed" if random.random() < 0.2 else ""
    return [f"{random.choice(['export ', ''])}{section.upper()}__{key.upper()}={quote}{value}{quote}{comment}"]


def text_of(settings, source, random):
    """Return a file of settings: (section, key, value)."""
    lines = ["# kept by hand", ""]
    for section in SECTIONS:
        mine = [setting for setting in settings if setting[0] == section]
        if not mine:
            continue
        lines += [f"[{section}]"] if source == "sections" else [f"# {section}"]
        for _, key, value in mine:
            lines += entry(section, key, value, source, random)
        lines.append("")
    return "\n".join(lines)


def second_layer(base, values, random):
    """Return the settings of the local file."""
    found = []
    for section, key, value in base:
        if random.random() < 0.35:
            fresh = value_of(section, key, values["references"], random)
            if values["layers"] == "unset" and random.random() < 0.45:
                fresh = "!unset"
            if values["layers"] == "append" and (key in KINDS["list"] or random.random() < 0.2):
                fresh = f"+{plain_value(key, random)}"
            found.append((section, key, fresh))
    found.append(("cache", "shard", plain_value("shard", random)))
    if values["layers"] == "append":
        found.append(("mail", "copies", "+archive"))
    return found


def make(values, random):
    """Return where the files lie, and the files."""
    source = values["source"]
    keys = [
        (section, key) for section, names in SECTIONS.items() for key in names if random.random() < 0.9 or key == "root"
    ]
    base = [(section, key, value_of(section, key, values["references"], random)) for section, key in keys]
    ending = {"sections": "ini", "dotted": "properties", "exports": "env"}[source]
    profile = random.choice(PROFILES)
    files = {}
    if values["layers"] == "profile":
        mark = "__AT_" if source == "exports" else "@"
        special = []
        for section, key, _ in base:
            for name in PROFILES:
                if random.random() < 0.3:
                    special.append(
                        (section, f"{key}{mark}{name}", value_of(section, key, values["references"], random))
                    )
        base += special
        random.shuffle(base)
    else:
        files[f"local.{ending}"] = text_of(second_layer(base, values, random), source, random)
    files[f"base.{ending}"] = text_of(base, source, random)
    words = {"ending": ending, "profile": profile, "place": "/etc/service"}
    return words, {f"environment/service/{name}": text for name, text in files.items()}
