#!/bin/bash
set -euo pipefail
cd /srv/phylogeny
cat loci.csv
head -n 5 specimens.tsv
cut -f 4,5 specimens.tsv | sort | uniq -c
head -c 400 ./*.nwk
mkdir -p /root/trees

cat > /root/prune.py <<'PY'
import csv
import re

SRV, OUT = "/srv/phylogeny", "/root/trees"
# In this order: a comment may hold a quote, and a quoted label may hold a bracket.
TOKEN = re.compile(r"\s*(?:\[(?P<comment>[^]]*)\]|'(?P<quoted>(?:[^']|'')*)'|(?P<mark>[(),:;])|(?P<plain>[^\s()\[\]':;,]+))")


def tokens(text):
    for match in TOKEN.finditer(text):
        kind, value = match.lastgroup, match[match.lastgroup]
        if kind == "quoted":
            yield "label", value.replace("''", "'")
        elif kind == "plain":
            yield "label", value.replace("_", " ")
        elif kind == "mark":
            yield value, None


class Tree:
    """An unrooted tree: who is next to whom. A branch is one dict, shared by both of its ends."""

    def __init__(self, text):
        self.near = [{}]
        self.labels = {}
        node, parent, length_next, closed = 0, {}, False, False
        for kind, value in tokens(text):
            if kind in "(,":
                top = node if kind == "(" else parent[node]
                node = len(self.near)
                parent[node] = top
                self.near.append({})
                self.near[node][top] = self.near[top][node] = {"length": 0.0, "support": None}
                closed = False
            elif kind == ")":
                node, closed = parent[node], True
            elif kind == ":":
                length_next = True
            elif kind == ";":
                break
            elif length_next:
                if node in parent:
                    self.near[node][parent[node]]["length"] = max(0.0, float(value))
                length_next = False
            elif closed:
                if node in parent:
                    self.near[node][parent[node]]["support"] = float(value)
            else:
                self.labels[node] = value

    def drop(self, node):
        """Take a tip away, and with it every inner node that is a dead end."""
        while len(self.near[node]) == 1 and node not in self.labels:
            (other,) = self.near[node]
            del self.near[other][node]
            self.near[node] = {}
            node = other

    def prune(self, keep):
        for node, label in list(self.labels.items()):
            if label not in keep:
                del self.labels[node]
                self.drop(node)
        for node, others in enumerate(self.near):
            if len(others) == 2:
                (a, first), (b, second) = others.items()
                supports = [branch["support"] for branch in (first, second) if branch["support"] is not None]
                joined = {"length": first["length"] + second["length"], "support": max(supports, default=None)}
                del self.near[a][node], self.near[b][node]
                self.near[a][b] = self.near[b][a] = joined
                self.near[node] = {}
        for node in self.labels:
            for branch in self.near[node].values():
                branch["support"] = None

    def tips(self, node, parent):
        if node in self.labels:
            return {self.labels[node]}
        return set().union(*(self.tips(other, node) for other in self.near[node] if other != parent))

    def root(self, outgroup):
        """Put a node into the middle of the outgroup's branch; return it, or None."""
        for a, others in enumerate(self.near):
            for b, branch in others.items():
                if self.tips(a, b) == outgroup:
                    top = len(self.near)
                    self.near.append({})
                    del self.near[a][b], self.near[b][a]
                    for node in (a, b):
                        half = {**branch, "length": branch["length"] / 2}
                        self.near[top][node] = self.near[node][top] = half
                    return top
        return None

    def newick(self, node, parent, carried, minimum):
        """Return what hangs below a node, as a list: of itself, or of its branches where it is collapsed."""
        branch = self.near[node][parent]
        length = branch["length"] + carried
        if node in self.labels:
            return [f"{quoted(self.labels[node])}:{length:.10f}"]
        support = branch["support"]
        at_root = parent == len(self.near) - 1
        collapsed = not at_root and (support is None or support < minimum)
        below = []
        for other in self.near[node]:
            if other != parent:
                below += self.newick(other, node, length if collapsed else 0.0, minimum)
        mark = "" if support is None else f"{support:g}"
        return below if collapsed else [f"({','.join(below)}){mark}:{length:.10f}"]


def quoted(label):
    return "'" + label.replace("'", "''") + "'"


with open(f"{SRV}/specimens.tsv", encoding="utf-8", newline="") as file:
    # Labels have quotes of their own: they are no quotes of the table.
    specimens = {row["label"]: row for row in csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)}


def reasons(labels, locus):
    """Return label → why it is dropped, None for those that stay."""
    why, best = {}, {}
    for label in labels:
        row = specimens.get(label)
        if row is None:
            why[label] = "unknown"
        elif row["status"] != "ok":
            why[label] = "status"
        elif int(row[locus] or 0) < 400:
            why[label] = "short"
        else:
            why[label] = None
            best.setdefault((row["species"], row["locality"]), []).append((-int(row[locus]), label))
    for rivals in best.values():
        why |= {label: "duplicate" for _, label in sorted(rivals)[1:]}
    return why


dropped = []
for locus in csv.DictReader(open(f"{SRV}/loci.csv", encoding="utf-8")):
    name = locus["locus"]
    tree = Tree(open(f"{SRV}/{locus['file']}", encoding="utf-8").read())
    why = reasons(tree.labels.values(), name)
    dropped += [(name, label, reason) for label, reason in sorted(why.items()) if reason]
    kept = {label for label, reason in why.items() if reason is None}
    tree.prune(kept)
    top = tree.root({label for label in kept if specimens[label]["role"] == "outgroup"})
    print(name, len(why), "tips,", len(kept), "kept,", "no root" if top is None else "rooted")
    if top is not None:
        minimum = float(locus["minimum_support"])
        halves = [part for node in tree.near[top] for part in tree.newick(node, top, 0.0, minimum)]
        with open(f"{OUT}/{name}.nwk", "w", encoding="utf-8") as file:
            file.write(f"({','.join(halves)});\n")

with open(f"{OUT}/dropped.csv", "w", encoding="utf-8", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows([("locus", "label", "reason"), *dropped])
PY

python3 /root/prune.py
cat /root/trees/nd2.nwk
cut -d, -f1 /root/trees/dropped.csv | sort | uniq -c
