#!/bin/bash
set -euo pipefail
cd /srv/firewall
cat interfaces.txt ipsets.save
grep -n '' rules.v4 | sed -n '/\*filter/,/COMMIT/p'
head -4 packets.csv

cat > /root/audit.py <<'PY'
"""Follows sets of packets through the chains: what is left of them at a rule is what the rule can see.

A field is cut where a rule or an address set begins or ends. Between two cuts all values fare the same, so one of them
stands for all, and a set of packets is a list of boxes: for each field the values it may have.
"""
import csv
import ipaddress
import shlex
from itertools import product

FOLDER = "/srv/firewall/"
STATES = frozenset({"NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"})
FINAL = {"ACCEPT", "DROP", "REJECT"}


def span(text):
    """Return first and last address of a network, a range or an address."""
    if "-" in text:
        return tuple(int(ipaddress.ip_address(end)) for end in text.split("-"))
    network = ipaddress.ip_network(text)
    return int(network[0]), int(network[-1])


def ports(text):
    """Return first and last port of each part of a list."""
    ends = [part.replace("-", ":").partition(":")[::2] for part in text.split(",")]
    return [(int(first or 0), int(last or (first if not last and ":" not in text else 65535))) for first, last in ends]


interfaces = {line.split()[0].split("@")[0] for line in open(FOLDER + "interfaces.txt") if line.split()[1] != "DOWN"}
sets, nomatch = {}, {}
for line in open(FOLDER + "ipsets.save"):
    word, name, value, *rest = line.split()
    if word == "create":
        sets[name] = []
    else:
        sets[name].append((value, "nomatch" in rest))


def in_set(name, number):
    """Return whether an address or a port is in a set; of networks that hold it the smallest decides."""
    found = []
    for value, excluded in sets[name]:
        first, last = ports(value)[0] if value.replace("-", "").isdigit() else span(value)
        if first <= number <= last:
            found.append((last - first, excluded))
    return bool(found) and not min(found)[1]


rules, policies, table = {}, {}, ""
for number, line in enumerate(open(FOLDER + "rules.v4"), 1):
    if line.startswith("*"):
        table = line.strip()
    elif table == "*filter" and line.startswith(":"):
        chain, policy, _ = line[1:].split()
        rules[chain], policies[chain] = [], (policy, number)
    elif table == "*filter" and line.startswith("["):
        words = shlex.split(line.partition("] ")[2])
        rules[words[1]].append((number, words[2:]))

# Every place at which a rule or a set begins or ends.
cuts = {"address": {0}, "port": {0}}
for words in [words for chain in rules.values() for _, words in chain]:
    for option, value in zip(words, words[1:]):
        if option in ("-s", "-d", "--dst-range", "--src-range"):
            cuts["address"] |= {span(value)[0], span(value)[1] + 1}
        elif option in ("--dport", "--dports", "--sport", "--sports"):
            cuts["port"] |= {cut for first, last in ports(value) for cut in (first, last + 1)}
for value, _ in [entry for entries in sets.values() for entry in entries]:
    if value.replace("-", "").isdigit():
        cuts["port"] |= {ports(value)[0][0], ports(value)[0][1] + 1}
    else:
        cuts["address"] |= {span(value)[0], span(value)[1] + 1}
addresses = sorted(cut for cut in cuts["address"] if cut < 2**32)
numbers = sorted(cut for cut in cuts["port"] if cut < 2**16)
# Protocol and ports are one field: only tcp and udp have ports.
named = {words[words.index("-p") + 1] for chain in rules.values() for _, words in chain if "-p" in words}
kinds = frozenset(product(("tcp", "udp"), numbers, numbers)) | {(name, None, None) for name in named - {"tcp", "udp"} | {"?"}}
FIELDS = {"in": interfaces | {None}, "out": interfaces | {None}, "src": addresses, "dst": addresses, "kind": kinds, "state": STATES}
FIELDS = {name: frozenset(values) for name, values in FIELDS.items()}


def test_of(option, value):
    """Return the field that an option looks at, and its test of a value of the field."""
    if option in ("-i", "-o"):
        field = "in" if option == "-i" else "out"
        if value.endswith("+"):
            return field, lambda name: name is not None and name.startswith(value[:-1])
        return field, lambda name: name == value
    if option in ("-s", "-d", "--src-range", "--dst-range"):
        first, last = span(value)
        return ("src" if "s" in option[1:4] and "dst" not in option else "dst"), lambda a: first <= a <= last
    if option == "-p":
        return "kind", lambda kind: kind[0] == value
    if option in ("--dport", "--dports", "--sport", "--sports"):
        place, listed = (2 if option[2] == "d" else 1), ports(value)
        return "kind", lambda kind: kind[place] is not None and any(a <= kind[place] <= b for a, b in listed)
    assert option == "--ctstate", option
    return "state", lambda state: state in value.split(",")


class Rule:
    """What a rule asks of each field, where it leads to, and whether it has a limit."""

    def __init__(self, number, words):
        self.number, self.asks, self.goto, self.target = number, dict(FIELDS), False, None
        self.limit = "limit" in [value for option, value in zip(words, words[1:]) if option == "-m"]
        negated, place = False, 0
        while place < len(words):
            option = words[place]
            if option == "!":
                negated, place = True, place + 1
                continue
            if option in ("-j", "-g"):
                self.goto, self.target = option == "-g", words[place + 1]
                break  # what follows belongs to the target
            if option == "--match-set":
                name, side = words[place + 1 : place + 3]
                place += 1
                if sets[name] and sets[name][0][0].replace("-", "").isdigit():
                    at = 2 if side == "dst" else 1
                    self.ask("kind", lambda kind: kind[at] is not None and in_set(name, kind[at]), negated)
                else:
                    self.ask(side, lambda address: in_set(name, address), negated)
            elif option not in ("-m", "--comment", "--limit", "--limit-burst"):
                self.ask(*test_of(option, words[place + 1]), negated)
            negated, place = False, place + 2

    def ask(self, field, test, negated):
        self.asks[field] = frozenset(value for value in self.asks[field] if test(value) != negated)


chains = {chain: [Rule(*rule) for rule in listed] for chain, listed in rules.items()}


def both(box, asks):
    """Return the part of a box that a rule asks for, or None."""
    part = {field: values & asks[field] for field, values in box.items()}
    return part if all(part.values()) else None


def without(box, asks):
    """Return the rest of a box as boxes that have nothing in common."""
    if both(box, asks) is None:
        return [box]
    rest = []
    for field in FIELDS:
        if outside := box[field] - asks[field]:
            rest.append(box | {field: outside})
        box = box | {field: box[field] & asks[field]}
    return rest


seen = set()


def walk(chain, boxes):
    """Follow boxes through a chain; return those that come back from it."""
    back = []
    for rule in chains[chain]:
        fits = [part for box in boxes if (part := both(box, rule.asks))]
        if not fits:
            continue
        seen.add(rule.number)
        if rule.target == "LOG":
            continue
        if not rule.limit:
            boxes = [rest for box in boxes for rest in without(box, rule.asks)]
        if rule.target == "RETURN":
            back += fits
        elif rule.target not in FINAL and rule.goto:
            back += walk(rule.target, fits)
        elif rule.target not in FINAL:
            boxes = boxes + walk(rule.target, fits)
    return back + boxes


everywhere, none = FIELDS | {}, frozenset({None})
walk("INPUT", [everywhere | {"in": frozenset(interfaces), "out": none}])
walk("FORWARD", [everywhere | {"in": frozenset(interfaces), "out": frozenset(interfaces)}])
walk("OUTPUT", [everywhere | {"in": none, "out": frozenset(interfaces)}])
never = sorted(rule.number for chain in chains.values() for rule in chain if rule.number not in seen)


def below(value, listed):
    """Return the value that stands for this one."""
    return max(cut for cut in listed if cut <= value)


def decide(chain, packet):
    """Return (verdict, line) of a packet, or None where it comes back from the chain."""
    for rule in chains[chain]:
        if any(value not in rule.asks[field] for field, value in packet.items()) or rule.target == "LOG":
            continue
        if rule.target in FINAL:
            return rule.target, rule.number
        if rule.target == "RETURN":
            return None
        decision = decide(rule.target, packet)
        if decision or rule.goto:
            return decision
    return None


verdicts = []
for row in csv.DictReader(open(FOLDER + "packets.csv")):
    packet = {"in": row["in"] or None, "out": row["out"] or None, "state": row["state"]}
    packet |= {side: below(int(ipaddress.ip_address(row[side])), addresses) for side in ("src", "dst")}
    at = [below(int(row[port]), numbers) if row[port] else None for port in ("sport", "dport")]
    packet["kind"] = (row["protocol"] if row["protocol"] in named else "?", *at)
    chain = "OUTPUT" if not row["in"] else "FORWARD" if row["out"] else "INPUT"
    verdicts.append((row["packet"], *(decide(chain, packet) or policies[chain])))

with open("/root/never.txt", "w") as file:
    file.writelines(f"{number}\n" for number in never)
with open("/root/verdicts.csv", "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows([("packet", "verdict", "line"), *verdicts])
PY

python3 /root/audit.py
# Read what was found, and ask of each whether it is plausible.
while read -r line; do sed -n "${line}p" rules.v4; done < /root/never.txt
cat /root/verdicts.csv
