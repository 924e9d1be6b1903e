"""A log of three hours: calm traffic, and bursts that each of the rules reads in another way."""

import json
from datetime import datetime, timedelta, timezone

START = datetime(2025, 1, 6, 9, 0, tzinfo=timezone.utc)
AREAS = ("login", "admin", "api", "shop", "reports", "search")
ACCOUNTS = ("mira", "jun", "ops", "karl", "lena", "tomas", "erik", "sara")
TRUSTED = "10.20.7.0/24"


def request(at, address, random, hot=False):
    """Return one request; in a burst, the odd ones are more frequent."""
    area = random.choice(AREAS)
    tail = random.choice(["", "/", "/list", "/item/7", "?page=2", "/list?sort=up"])
    odd = random.random() < (0.8 if hot else 0.25)
    return {
        "at": at,
        "address": address,
        "account": random.choice(ACCOUNTS) if random.random() < 0.7 else "-",
        "method": random.choice(["POST", "PUT", "DELETE", "PATCH"] if odd else ["GET", "GET", "HEAD", "POST"]),
        "path": "/" if random.random() < 0.05 else f"/{area}{tail}",
        "status": random.choice(["401", "403", "500", "502", "503"] if odd else ["200", "200", "204", "304", "404"]),
        "bytes": random.randrange(60_000, 400_000)
        if random.random() < (0.7 if hot else 0.2)
        else random.randrange(200, 9000),
    }


def traffic(random):
    """Return the requests in order of time."""
    networks = ["203.0.113", "198.51.100", "192.0.2", "203.0.112", "198.18.4", "10.20.7"]
    addresses = [f"{net}.{host}" for net in networks for host in random.sample(range(2, 250), 4)]
    found = []
    for _ in range(230):
        found.append(
            request(START + timedelta(milliseconds=random.randrange(10_800_000)), random.choice(addresses), random)
        )
    for _ in range(22):
        at, address = START + timedelta(seconds=random.randrange(100, 10_000)), random.choice(addresses)
        for _ in range(random.randrange(4, 9)):
            found.append(request(at, address, random, hot=True))
            at += timedelta(milliseconds=random.randrange(2_000, 45_000))
    found.sort(key=lambda one: one["at"])
    for number, one in enumerate(found):
        one["id"] = f"{random.choice('ab')}{number * 7919 % 99991:05d}"
    return found


def line_of(one, style, random):
    """Return a request as a line of the log."""
    at = one["at"]
    local = at.astimezone(timezone(timedelta(hours=random.choice([0, 1, 1, 2]))))
    if style == "combined":
        stamp = local.strftime("%d/%b/%Y:%H:%M:%S %z")
        head = f'{one["address"]} - {one["account"]} [{stamp}] "{one["method"]} {one["path"]} HTTP/1.1"'
        return f'{head} {one["status"]} {one["bytes"]} "-" "agent/2.1" {one["id"]}'
    if style == "jsonl":
        fields = {"ts": int(at.timestamp() * 1000), "req": one["id"], "ip": one["address"], "user": one["account"]}
        fields |= {"http": {"verb": one["method"], "target": one["path"], "code": one["status"]}, "out": one["bytes"]}
        return json.dumps(fields)
    if style == "logfmt":
        pairs = [f"at={at:%Y-%m-%dT%H:%M:%SZ}", f"id={one['id']}", f"src={one['address']}", f"user={one['account']}"]
        pairs += [f'req="{one["method"]} {one["path"]}"', f"status={one['status']}", f"bytes={one['bytes']}"]
        random.shuffle(pairs)
        return " ".join(pairs)
    stamp = f"{local:%Y-%m-%d %H:%M:%S}.{at.microsecond // 1000:03d}"
    offset = local.strftime("%z")
    fields = [stamp, f"{offset[:3]}:{offset[3:]}", one["id"], one["status"], one["method"], one["path"], one["address"]]
    return "|".join([*fields, one["account"], str(one["bytes"])])


def make(values, random):
    """Return the numbers of the rules, and the log."""
    requests = traffic(random)
    noise, skew = values["noise"], random.randrange(170, 400)
    if noise == "repeats":
        for one in random.sample(requests, 60):
            again = {**one, "at": one["at"] + timedelta(seconds=random.randrange(1, 40))}
            requests.append(again)
        requests.sort(key=lambda one: one["at"])
    elif noise == "torn":
        for one in random.sample(requests, 25):
            one["status"] = "-"
    elif noise == "skewed":
        for one in requests:
            one["at"] += timedelta(seconds=skew if one["id"][0] == "b" else 0)
        requests.sort(key=lambda one: one["at"])
    lines = [line_of(one, values["format"], random) for one in requests]
    words = {
        "log": "/var/log/web/access.jsonl" if values["format"] == "jsonl" else "/var/log/web/access.log",
        "seconds": random.choice([45, 60, 75, 90, 120]),
        "minutes": random.choice([5, 10, 15, 20]),
        "gap": random.choice([60, 80, 100, 150]),
        "large": random.choice([50_000, 64_000, 100_000]),
        "top": random.choice([3, 4, 5]),
        "trusted": TRUSTED,
        "skew": skew,
    }
    return words, {f"environment/{words['log'].removeprefix('/var/log/')}": "\n".join(lines) + "\n"}
