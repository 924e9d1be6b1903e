"""Score the audit: write a check per rule and packet in CTRF, and print the reward.

    python3 score.py ctrf.json

Every packet that can be told from another by some rule is one bit of a number; what a rule asks for and what reaches it
are such numbers, so that a rule can match where the two have a bit in common.
"""

import csv
import ipaddress
import json
import os
import re
import shlex
import sys
from pathlib import Path

WORKSPACE = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root"))
FIREWALL = Path("/srv/firewall")
STATES = ["NEW", "ESTABLISHED", "RELATED", "INVALID", "UNTRACKED"]
ADDRESS_OPTIONS = {"-s": "src", "-d": "dst", "--src-range": "src", "--dst-range": "dst"}
PORT_OPTIONS = {"--sport": "sport", "--sports": "sport", "--dport": "dport", "--dports": "dport"}
LIMIT_BYTES = 100_000


class Refused(Exception):
    """A file of the agent that earns nothing; the message says why."""


def between(text):
    """Return the first and the last number of an address, a network, a range, a port or a range of ports."""
    if "/" in text or text.count(".") == 3:
        network = ipaddress.ip_network(text, strict=False)
        return int(network.network_address), int(network.broadcast_address)
    if text.count(".") == 6:
        return tuple(int(ipaddress.ip_address(part)) for part in text.split("-"))
    low, colon, high = text.replace("-", ":").partition(":")
    return int(low or 0), int(high or 65535) if colon else int(low)


def read_sets():
    """Return name → (whether it holds ports, what it has as (first, last, counts))."""
    found = {}
    for line in (FIREWALL / "ipsets.save").read_text().splitlines():
        words = line.split()
        if words[0] == "create":
            found[words[1]] = (words[2] == "bitmap:port", [])
        else:
            found[words[1]][1].append((*between(words[2]), "nomatch" not in words))
    return found


def read_filter():
    """Return chain → (policy, its line), and chain → [(line, words)], of the filter table."""
    policies, chains, inside = {}, {}, False
    for number, line in enumerate((FIREWALL / "rules.v4").read_text().splitlines(), 1):
        if line[:1] == "*":
            inside = line == "*filter"
        elif inside and line[:1] == ":":
            name, policy = line[1:].split()[:2]
            policies[name], chains[name] = (policy, number), []
        elif inside and "-A" in line:
            words = shlex.split(line[line.index("-A") :])
            chains[words[1]].append((number, words[2:]))
    return policies, chains


SETS = read_sets()
POLICIES, CHAINS = read_filter()
UP = [line.split()[0].partition("@")[0] for line in (FIREWALL / "interfaces.txt").open() if " DOWN " not in line]


def contains(name, number):
    """Return whether a set contains a number: the narrowest entry around it says so."""
    around = [(last - first, counts) for first, last, counts in SETS[name][1] if first <= number <= last]
    return min(around)[1] if around else False


def conditions(words):
    """Return ([(field, test)], target, whether to go to it, whether limited) of a rule; a packet is a dict by field."""
    found, limited, rest = [], False, list(words)
    while rest:
        turned = rest[0] == "!"
        option, value = rest[turned], rest[turned + 1]
        del rest[: turned + 2]
        if option in ("-j", "-g"):
            return found, value, option == "-g", limited
        if option == "-m":
            limited = limited or value == "limit"
        elif option == "--match-set":
            side = rest.pop(0)
            field = side if not SETS[value][0] else {"src": "sport", "dst": "dport"}[side]
            found.append((field, lambda n, v=value, t=turned: n is not None and contains(v, n) != t))
        elif option in ("-i", "-o"):
            whole = re.escape(value).replace(r"\+", ".*")
            found.append(
                ({"-i": "in", "-o": "out"}[option], lambda n, w=whole, t=turned: bool(re.fullmatch(w, n)) != t)
            )
        elif option in ADDRESS_OPTIONS:
            low, high = between(value)
            found.append((ADDRESS_OPTIONS[option], lambda n, a=low, b=high, t=turned: (a <= n <= b) != t))
        elif option in PORT_OPTIONS:
            parts = [between(part) for part in value.split(",")]
            test = lambda n, p=parts, t=turned: n is not None and any(a <= n <= b for a, b in p) != t  # noqa: E731
            found.append((PORT_OPTIONS[option], test))
        elif option in ("-p", "--ctstate"):
            names = value.split(",")
            found.append(({"-p": "protocol"}.get(option, "state"), lambda n, v=names, t=turned: (n in v) != t))
        elif option not in ("--comment", "--limit", "--limit-burst"):
            raise ValueError(f"unknown option {option}")
    raise ValueError("a rule without a target")


RULES = {chain: [(line, *conditions(words)) for line, words in rules] for chain, rules in CHAINS.items()}


def edges(options, sets):
    """Return the least number of every span that rules and sets tell apart."""
    found = {0}
    for _, words in [rule for rules in CHAINS.values() for rule in rules]:
        for option, value in zip(words, words[1:]):
            if option in options:
                found |= {edge for part in value.split(",") for edge in (between(part)[0], between(part)[1] + 1)}
    for entry in [entry for of_ports, entries in SETS.values() if of_ports == sets for entry in entries]:
        found |= {entry[0], entry[1] + 1}
    return found


ADDRESSES = sorted(edges(ADDRESS_OPTIONS, sets=False) - {2**32})
PORTS = sorted(edges(PORT_OPTIONS, sets=True) - {2**16})
TRANSPORTS = [
    *({"protocol": name, "sport": s, "dport": d} for name in ("tcp", "udp") for s in PORTS for d in PORTS),
    *({"protocol": name, "sport": None, "dport": None} for name in ("icmp", "esp", "another")),
]


def distinct(axis):
    """Return one of all values on an axis that every rule treats alike."""
    tests = [(field, test) for rules in RULES.values() for _, found, *_ in rules for field, test in found]
    tests = [(field, test) for field, test in tests if field in axis[0]]
    return list({tuple(test(values[field]) for field, test in tests): values for values in axis}.values())


def universe(inward, outward):
    """Return the axes of all packets of a chain, each a list of what a packet may be there."""
    axes = [
        [{"in": name} for name in inward],
        [{"out": name} for name in outward],
        [{"src": number} for number in ADDRESSES],
        [{"dst": number} for number in ADDRESSES],
        TRANSPORTS,
        [{"state": name} for name in STATES],
    ]
    return [distinct(axis) for axis in axes]


def bits(axes, found):
    """Return the packets that meet all conditions, as the bits of a number."""
    number, size = 1, 1
    for axis in reversed(axes):
        tests = [(field, test) for field, test in found if field in axis[0]]
        wider = 0
        for place, values in enumerate(axis):
            if all(test(values[field]) for field, test in tests):
                wider |= number << place * size
        number, size = wider, size * len(axis)
    return number


def reach(chain, packets, axes, met):
    """Send packets through a chain; note the lines they meet, and return those that leave it at its end."""
    returned = 0
    for line, found, target, goes, limited in RULES[chain]:
        fitting = packets & bits(axes, found) if packets else 0
        if not fitting:
            continue
        met.add(line)
        if not limited and target != "LOG":
            packets &= ~fitting
        if target == "RETURN":
            returned |= fitting
        elif target in RULES:
            back = reach(target, fitting, axes, met)
            returned |= back if goes else 0
            packets |= 0 if goes else back
    return returned | packets


def never_matching():
    """Return the lines of the rules that no packet reaches and fits."""
    met = set()
    for chain, inward, outward in (("INPUT", UP, [""]), ("FORWARD", UP, UP), ("OUTPUT", [""], UP)):
        axes = universe(inward, outward)
        reach(chain, bits(axes, []), axes, met)
    return {line for rules in RULES.values() for line, *_ in rules} - met


def judge(packet):
    """Return (verdict, line) of a packet; the chains that are to be gone on with lie on a stack."""
    start = "INPUT" if packet["in"] and not packet["out"] else "FORWARD" if packet["in"] else "OUTPUT"
    stack = [iter(RULES[start])]
    while stack:
        for line, found, target, goes, _limited in stack[-1]:
            if not all(test(packet[field]) for field, test in found) or target == "LOG":
                continue
            if target in ("ACCEPT", "DROP", "REJECT"):
                return target, line
            if target == "RETURN" or goes:
                stack.pop()
            if target in RULES:
                stack.append(iter(RULES[target]))
            break
        else:
            stack.pop()
    return POLICIES[start]


def verdicts():
    """Return packet → (verdict, line)."""
    found = {}
    for row in csv.DictReader((FIREWALL / "packets.csv").open()):
        packet = {name: row[name] for name in ("in", "out", "protocol", "state")}
        packet |= {side: int(ipaddress.ip_address(row[side])) for side in ("src", "dst")}
        packet |= {port: int(row[port]) if row[port] else None for port in ("sport", "dport")}
        found[row["packet"]] = judge(packet)
    return found


def lines_of(name):
    """Return the lines of a file that the agent wrote, blank ones left out."""
    path = WORKSPACE / name
    if path.is_symlink() or not path.is_file() or path.stat().st_size > LIMIT_BYTES:
        raise Refused(f"{path} is no file of at most {LIMIT_BYTES} bytes")
    text = path.read_bytes().decode("utf-8", errors="replace")
    return [line.strip() for line in text.split("\n") if line.strip()]


def check_never():
    """Return the share of the rules, and what is said of each: one named without need takes away one that is right."""
    expected, named = never_matching(), lines_of("never.txt")
    if len(set(named)) < len(named) or not all(re.fullmatch(r"[1-9][0-9]{0,4}", line) for line in named):
        raise Refused("never.txt: every line is one line number, each once")
    named = {int(line) for line in named}
    said = {f"rule in line {line} never matches": line in named for line in sorted(expected)}
    said |= {f"rule in line {line} can match": False for line in sorted(named - expected)}
    return max(0, len(expected & named) - len(named - expected)) / len(expected), said


def check_verdicts():
    """Return the share of the packets, and what is said of each."""
    rows = [re.split(r"\s*,\s*", line) for line in lines_of("verdicts.csv")]
    if not rows or rows[0] != ["packet", "verdict", "line"] or any(len(row) != 3 for row in rows):
        raise Refused("verdicts.csv: the header is packet,verdict,line, and every line has three values")
    written = {row[0]: row[1:] for row in rows[1:]}
    if len(written) != len(rows) - 1:
        raise Refused("verdicts.csv: a packet is there twice")
    said = {f"packet {name}": written.get(name) == [verdict, str(line)] for name, (verdict, line) in verdicts().items()}
    return sum(said.values()) / len(said), said


def main():
    reward, tests = 0.0, []
    for check in (check_never, check_verdicts):
        try:
            share, said = check()
        except Refused as refused:
            share, said = 0.0, {str(refused): False}
        reward += share / 2
        tests += [{"name": n, "status": "passed" if right else "failed", "duration": 0} for n, right in said.items()]
    passed = sum(test["status"] == "passed" for test in tests)
    if reward == 1.0 and passed < len(tests):
        raise SystemExit("a full reward with a check that failed")
    summary = {"tests": len(tests), "passed": passed, "failed": len(tests) - passed}
    summary |= dict.fromkeys(("pending", "skipped", "other", "start", "stop"), 0)
    results = {"tool": {"name": "score.py"}, "summary": summary, "tests": tests}
    Path(sys.argv[1]).write_text(json.dumps({"results": results}, indent=1) + "\n", encoding="utf-8")
    print(round(reward, 4) if reward < 1 else 1.0)


if __name__ == "__main__":
    main()
