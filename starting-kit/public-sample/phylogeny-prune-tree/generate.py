"""Write the trees and the specimens of this task into the image's folder and into the verifier's own copy.

    python3 generate.py

The same seed gives the same bytes. What each tree and each odd specimen is there for stands here, and stays out of the
image.
"""

import csv
import random
import re
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
COPIES = (PACKAGE / "environment" / "phylogeny", PACKAGE / "verifier" / "data")
SEED = 1999
LOCI = {"nd2": 70, "cytb": 0.95, "rag1": 75, "cmos": 70, "16s": 0.9}
"""Locus → the support that is asked for: percent of bootstrap replicates, or posterior probabilities."""
LENGTHS = {"nd2": 1038, "cytb": 1140, "rag1": 988, "cmos": 566, "16s": 520}

# label, species, locality, status. Labels are as a museum or a field book has them: quotes, brackets, colons,
# semicolons, underscores that are no blanks. Two to four specimens of many species share a locality.
INGROUP = """
Phelsuma astriata D'Arros SC-12|astriata|D'Arros|ok
Phelsuma astriata D'Arros SC-13|astriata|D'Arros|ok
Phelsuma astriata 'semicarinata' SC-31|astriata|La Digue|ok
SMF_81442|astriata|La Digue|ok
Phelsuma sundbergi Mahé SC-02|sundbergi|Mahé|ok
Phelsuma sundbergi Mahé SC-03|sundbergi|Mahé|contaminated
Phelsuma sundbergi Praslin SC-20|sundbergi|Praslin|ok
Phelsuma abbotti (Aldabra)|abbotti|Aldabra|ok
ZFMK:HERP:59388|abbotti|Antsiranana|ok
ZFMK:HERP:59389|abbotti|Antsiranana|ok
Phelsuma grandis FGMV 2002.712|grandis|Antsiranana|ok
Phelsuma grandis FGMV 2002.713|grandis|Antsiranana|ok
Phelsuma grandis FGMV 2002.9|grandis|Antsiranana|ok
Phelsuma kochi ZSM 201/2004|kochi|Ankarafantsika|ok
Phelsuma kochi ZSM 202/2004|kochi|Ankarafantsika|misidentified
Phelsuma madagascariensis [Sambava]|madagascariensis|Sambava|ok
Phelsuma madagascariensis; juv.|madagascariensis|Tamatave|ok
Phelsuma laticauda NB 7|laticauda|Nosy Be|ok
Phelsuma laticauda NB 8|laticauda|Nosy Be|ok
Phelsuma laticauda NB 11|laticauda|Nosy Be|ok
Phelsuma laticauda Mayotte|laticauda|Mayotte|ok
Phelsuma cf. dubia, Moroni|dubia|Moroni|ok
Phelsuma dubia Pemba 4|dubia|Pemba|ok
Phelsuma dubia Pemba 5|dubia|Pemba|ok
Phelsuma lineata UADBA 20417|lineata|Andasibe|ok
Phelsuma lineata UADBA 20418|lineata|Andasibe|withdrawn
Phelsuma quadriocellata RAN 38002|quadriocellata|Ranomafana|ok
Phelsuma standingi T1|standingi|Toliara|ok
MNHN_1998.0412|inexpectata|Manapany|ok
MNHN_1998.0413|inexpectata|Manapany|ok
Phelsuma borbonica 'mater' R4|borbonica|Cilaos|ok
"mater" R5|borbonica|Cilaos|ok
Phelsuma borbonica R9|borbonica|Saint-Denis|ok
Phelsuma cepediana BR1|cepediana|Black River|ok
Phelsuma cepediana BR2|cepediana|Black River|ok
Phelsuma guimbeaui BR5|guimbeaui|Black River|ok
Phelsuma ornata Île aux Aigrettes|ornata|Île aux Aigrettes|ok
Phelsuma ornata RI 3|ornata|Round Island|ok
Phelsuma barbouri ANK2|barbouri|Ankaratra|ok
Phelsuma modesta FD 61|modesta|Fort Dauphin|ok
"""
OUTGROUP = """
Rhoptropella ocellata CAS 186351|Rhoptropella ocellata|Richtersveld|ok
Rhoptropella ocellata CAS 186352|Rhoptropella ocellata|Richtersveld|ok
Lygodactylus (Domerguella) sp.|Lygodactylus sp.|Andasibe|ok
Lygodactylus picturatus NHMW_35355|Lygodactylus picturatus|Mombasa|ok
"""
FEW = {
    # Too short, just long enough, or in the tree without a length on record; the longest of its place may not be used.
    ("Phelsuma astriata D'Arros SC-13", "nd2"): 399,
    ("Phelsuma modesta FD 61", "nd2"): 400,
    ("Phelsuma barbouri ANK2", "cytb"): None,
    ("Phelsuma standingi T1", "rag1"): 387,
    ("Phelsuma guimbeaui BR5", "16s"): 212,
    ("Phelsuma ornata RI 3", "16s"): 400,
    ("Phelsuma modesta FD 61", "cmos"): 566,
    ("Phelsuma lineata UADBA 20418", "nd2"): 120,
    # As many base pairs: 2002.712 comes before 2002.713 and 2002.9, NB 11 before NB 7 and NB 8.
    **{(f"Phelsuma grandis FGMV 2002.{n}", locus): 880 for n in (712, 713, 9) for locus in ("nd2", "rag1")},
    **{(f"Phelsuma laticauda NB {n}", locus): 450 for n in (7, 8, 11) for locus in ("cytb", "16s")},
    # The longest of their place are not usable: what is shorter stays.
    ("Phelsuma sundbergi Mahé SC-02", "nd2"): 702,
    ("Phelsuma lineata UADBA 20417", "nd2"): 815,
    ("Phelsuma kochi ZSM 201/2004", "cytb"): 640,
    ("Rhoptropella ocellata CAS 186351", "nd2"): 610,
    ("Rhoptropella ocellata CAS 186351", "cytb"): 380,
    ("Lygodactylus (Domerguella) sp.", "cytb"): 398,
    ("Lygodactylus picturatus NHMW_35355", "cytb"): 311,
}
STRANGERS = {"nd2": ["NC 3"], "cytb": ["Phelsuma sp. 'blue'", "Homo sapiens"], "cmos": ["NC 3", "mock[2]"]}
"""Tips that no specimen has: controls and what was never catalogued."""


def specimens():
    """Return label → (species, locality, role, status)."""
    found = {}
    for role, lines in (("ingroup", INGROUP), ("outgroup", OUTGROUP)):
        for line in lines.split("\n"):
            if line:
                label, species, locality, status = line.split("|")
                species = species if role == "outgroup" else f"Phelsuma {species}"
                found[label] = (species, locality, role, status)
    return found


class Tree:
    """An unrooted tree: node → neighbour → [length, support]; a tip's number has a label."""

    def __init__(self, rng, limit):
        self.rng, self.limit, self.near, self.labels = rng, limit, {}, {}

    def node(self, label=None):
        """Return a new node."""
        number = len(self.near)
        self.near[number] = {}
        if label is not None:
            self.labels[number] = label
        return number

    def link(self, a, b, length, support):
        """Join two nodes by a branch."""
        self.near[a][b] = self.near[b][a] = [length, support]

    def grow(self, parts, strong):
        """Join parts (nodes) two or three at a time until one is left; return it."""
        parts = list(parts)
        while len(parts) > 1:
            top = self.node()
            for _ in range(3 if len(parts) > 3 and self.rng.random() < 0.12 else 2):
                part = parts.pop(self.rng.randrange(len(parts)))
                support = None if part in self.labels else self.support(strong)
                self.link(top, part, self.length(), support)
            parts.append(top)
        return parts[0]

    def length(self):
        """Return a length as programs give it: mostly short, some nearly nothing."""
        return round(self.rng.expovariate(28) if self.rng.random() < 0.85 else self.rng.random() * 1e-4, 8)

    def support(self, strong):
        """Return a support in percent, now and then exactly the one that is asked for, or none."""
        if self.rng.random() < 0.1:
            return None
        high = [100, 100, 99, 98, 96, 95, 91, 88, self.limit]
        return self.rng.choice(high) if self.rng.random() < strong else self.rng.randrange(12, 95)


def spread(text, before, behind):
    """Return a tree with white space around its commas, not around those inside quotes."""
    pieces = re.split(r"('(?:[^']|'')*')", text)
    return "".join(x if x.startswith("'") else x.replace(",", f"{before},{behind}") for x in pieces)


class Drawing:
    """Writes a tree as Newick, the way one program or another would."""

    def __init__(self, tree, locus):
        self.tree, self.rng, self.locus = tree, tree.rng, locus

    def label(self, text):
        """Return a label; it is quoted where it must be, and at times where it need not."""
        if set(text) & set("'_[]():;,") or self.rng.random() < 0.15:
            return "'" + text.replace("'", "''") + "'"
        return text.replace(" ", "_")

    def number(self, support):
        """Return a support on the scale of the locus, nothing for none."""
        if support is None:
            return ""
        return str(support) if LOCI[self.locus] > 1 else f"{support / 100:.2f}".rstrip("0").rstrip(".")

    def branch(self, length):
        """Return a length behind its colon; some are left out, some a little below 0, some have an exponent."""
        if length == 0:
            return "" if self.rng.random() < 0.5 else ":-0.00031"
        return f":{length:.3E}" if length < 1e-4 else f":{length:.8g}"

    def below(self, node, parent):
        """Return a node and what hangs on it, seen from its parent."""
        length, support = self.tree.near[node][parent]
        if node in self.tree.labels:
            text = self.label(self.tree.labels[node])
        else:
            inner = ",".join(self.below(other, node) for other in self.tree.near[node] if other != parent)
            text = f"({inner}){self.number(support)}"
        return f"{text}{self.branch(length)}"

    def from_node(self, node):
        """Return the tree drawn from a node."""
        return f"({','.join(self.below(other, node) for other in self.tree.near[node])});"

    def from_branch(self, a, b, supports):
        """Return the tree drawn from a point on a branch, whose two parts may bear two supports."""
        length = self.tree.near[a][b][0]
        part = round(length * 0.3, 8)
        texts = []
        for node, other, piece, support in ((a, b, part, supports[0]), (b, a, length - part, supports[1])):
            self.tree.near[node][other] = [piece, support]
            texts.append(self.below(node, other))
        return f"({','.join(texts)});"


def plant(locus, rng):
    """Return the tree of a locus."""
    tree, known = Tree(rng, round(LOCI[locus] * (1 if LOCI[locus] > 1 else 100))), specimens()
    labels = [label for label, row in known.items() if row[2] == "ingroup"]
    chance = {"nd2": 0.95, "cytb": 0.85, "rag1": 0.85, "cmos": 0.75, "16s": 0.9}[locus]
    chosen = [x for x in labels if rng.random() < chance or (x, locus) in FEW or known[x][3] != "ok"]
    groups = {}
    for label in chosen + STRANGERS.get(locus, []):
        groups.setdefault(known.get(label, (label,))[0], []).append(label)
    out = [label for label, row in known.items() if row[2] == "outgroup"]
    if locus == "rag1":
        # A contaminated tip sits among the outgroup: without it the outgroup is one side of a branch.
        out.append(
            groups["Phelsuma sundbergi"].pop(groups["Phelsuma sundbergi"].index("Phelsuma sundbergi Mahé SC-03"))
        )
    if locus == "cmos":
        # A good one does: no branch sets the outgroup apart.
        out.append(groups["Phelsuma modesta"].pop())
    if locus == "16s":
        out = ["Lygodactylus picturatus NHMW_35355"]
    stems = [tree.grow([tree.node(x) for x in members], 0.8) for members in groups.values() if members]
    ingroup = tree.grow(stems, 0.6)
    outgroup = tree.grow([tree.node(x) for x in rng.sample(out, len(out))], 0.9)
    tree.link(ingroup, outgroup, round(0.05 + rng.random() / 10, 8), None if len(out) == 1 else 97)
    mend = [edge for node, others in tree.near.items() for other, edge in others.items() if node < other]
    for edge in rng.sample(mend, 4):
        edge[0] = 0
    return tree, ingroup, outgroup


def draw(locus, rng):
    """Return the text of a locus's file."""
    tree, ingroup, outgroup = plant(locus, rng)
    inner = sorted(node for node in tree.near if node not in tree.labels)
    pen = Drawing(tree, locus)
    if locus == "nd2":
        # From a node deep inside the ingroup, as unrooted trees come out of a program.
        return f"[&U] {pen.from_node(min(inner))}\n"
    if locus == "cytb":
        # From a branch of the ingroup whose halves bear two supports; comments with a quote, and with brackets.
        a = next(n for n in inner if n not in (ingroup, outgroup) and len(tree.near[n]) > 2)
        b = max(other for other in tree.near[a] if other in inner)
        text = spread(pen.from_branch(a, b, (62, 99)), "", "\n ")
        text = text.replace("0.99:", "[&prob=0.99]0.99:", 1).replace("):", ")[no value; see D'Arros, 2003]:", 1)
        return text + "\n"
    if locus == "rag1":
        # As if rooted, with the root among the outgroup: the outgroup looks like a grade.
        (tip,) = [n for n, label in tree.labels.items() if label.startswith("Rhoptropella ocellata CAS 186352")]
        (stem,) = tree.near[tip]
        return pen.from_branch(tip, stem, (None, 88)) + "\n"
    if locus == "cmos":
        return pen.from_node(ingroup) + "\n"
    return spread(pen.from_node(max(n for n in inner if n != outgroup)), " ", "\t") + "\n\n"


def base_pairs(label, locus, rng):
    """Return what stands in the table."""
    if (label, locus) in FEW:
        return FEW[label, locus]
    return LENGTHS[locus] - rng.choice([0, 0, 0, 3, 14, 37, 60, rng.randrange(1, 110)])


def main():
    """Write both copies."""
    rng = random.Random(SEED)
    texts = {locus: draw(locus, rng) for locus in LOCI}
    rows = [[label, *row, *(base_pairs(label, locus, rng) for locus in LOCI)] for label, row in specimens().items()]
    rng.shuffle(rows)
    for folder in COPIES:
        folder.mkdir(parents=True, exist_ok=True)
        for locus, text in texts.items():
            (folder / f"{locus}.nwk").write_text(text, encoding="utf-8")
        with (folder / "loci.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file, lineterminator="\n").writerows(
                [("locus", "file", "minimum_support"), *((x, f"{x}.nwk", LOCI[x]) for x in LOCI)]
            )
        head = ["label", "species", "locality", "role", "status", *LOCI]
        lines = ["\t".join("" if field is None else str(field) for field in row) + "\n" for row in [head, *rows]]
        (folder / "specimens.tsv").write_text("".join(lines), encoding="utf-8")


if __name__ == "__main__":
    main()
