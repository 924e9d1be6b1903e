"""Compare the published trees with those that the rules of the prompt give on the verifier's own copy of the data.

A tree is a set of splits here: which tips each branch parts from the others. Dropping tips shrinks the sets, rooting
picks a side, collapsing takes a set away. No node is ever moved.
"""

import csv
import os
import stat
import sys
from collections import Counter
from pathlib import Path

import pytest

VERIFIER = Path(__file__).resolve().parent
sys.path.insert(0, str(VERIFIER))  # isolated Python looks nowhere else; the folder is read-only

from newick import LARGEST, Reader, number  # noqa: E402

TREES = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "trees"
GIVEN = Path("/srv/phylogeny")
DATA = VERIFIER / "data"
PUBLISHED = ("nd2", "cytb", "rag1", "16s")
LOCI = ("nd2", "cytb", "rag1", "cmos", "16s")


def table(name, delimiter):
    """Return the rows of a table of the museum; quotes in it are letters like any other."""
    head, *lines = (DATA / name).read_text(encoding="utf-8").splitlines()
    return [dict(zip(head.split(delimiter), line.split(delimiter), strict=True)) for line in lines]


SPECIMENS = {row["label"]: row for row in table("specimens.tsv", "\t")}
MINIMUM = {row["locus"]: float(row["minimum_support"]) for row in table("loci.csv", ",")}


def reason(label, locus, usable):
    """Return why a tip is dropped, or None; ``usable`` are the tips that are neither unknown, bad nor short."""
    if label in usable:
        mine = SPECIMENS[label]
        rivals = [SPECIMENS[other] for other in usable]
        rivals = [x for x in rivals if (x["species"], x["locality"]) == (mine["species"], mine["locality"])]
        best = max(int(x[locus]) for x in rivals)
        return None if label == min(x["label"] for x in rivals if int(x[locus]) == best) else "duplicate"
    if label not in SPECIMENS:
        return "unknown"
    return "short" if SPECIMENS[label]["status"] == "ok" else "status"


def reasons(labels, locus):
    """Return label → reason or None for the tips of a tree."""
    good = {x for x in labels if x in SPECIMENS and SPECIMENS[x]["status"] == "ok"}
    usable = {x for x in good if SPECIMENS[x][locus] and int(SPECIMENS[x][locus]) >= 400}
    return {label: reason(label, locus, usable) for label in labels}


def branches(node):
    """Yield (tips below, length, support) of every branch of a tree as it is drawn."""
    for child in node.children:
        support = number(child.label) if child.children and child.label else None
        yield frozenset(child.tips()), max(0.0, child.length or 0.0), support
        yield from branches(child)


def splits(root, kept):
    """Return {one side: (length, support)} of the unrooted tree of the tips that are kept."""
    found = {}
    for below, length, support in branches(root):
        side = below & kept
        if side in (frozenset(), kept):
            continue
        key = min(side, kept - side, key=lambda tips: (len(tips), sorted(tips)))
        before = found.get(key, (0.0, -1.0))
        found[key] = before[0] + length, max(before[1], -1.0 if support is None else support)
    return {side: (x, None if len(side) == 1 or y < 0 else y) for side, (x, y) in found.items()}


def rooted(parts, kept, outgroup):
    """Return {clade: [length, support]} with the root on the outgroup's branch, or None where there is none."""
    ingroup = kept - outgroup
    root = next((parts[side] for side in (outgroup, ingroup) if side in parts), None)
    if root is None:
        return None
    clades = {side: [root[0] / 2, root[1]] for side in (outgroup, ingroup)}
    for side, (length, support) in parts.items():
        if side not in (outgroup, ingroup):
            clade = next(x for x in (side, kept - side) if x < outgroup or x < ingroup)
            clades[clade] = [length, support]
    return clades


def collapsed(clades, halves, minimum):
    """Return what is left of {clade: [length, support]}, from the root on; lengths go to the next clades below."""
    left = dict(clades)
    for clade in sorted(clades, key=len, reverse=True):
        length, support = left[clade]
        if len(clade) == 1 or clade in halves or (support is not None and support >= minimum):
            continue
        del left[clade]
        inside = [other for other in left if other < clade]
        for other in inside:
            if not any(other < between for between in inside):
                left[other] = [left[other][0] + length, left[other][1]]
    return left


def expected(locus):
    """Return the clades of a published tree, or None; and label → reason."""
    root = Reader((DATA / f"{locus}.nwk").read_text(encoding="utf-8")).tree()
    why = reasons(root.tips(), locus)
    kept = frozenset(label for label, cause in why.items() if cause is None)
    outgroup = frozenset(label for label in kept if SPECIMENS[label]["role"] == "outgroup")
    clades = rooted(splits(root, kept), kept, outgroup)
    if clades is not None:
        clades = collapsed(clades, (outgroup, kept - outgroup), MINIMUM[locus])
    return clades, why


def written(name):
    """Return a text that the agent wrote; a link, a pipe or anything long fails the test."""
    path = TREES / name
    mode = path.lstat().st_mode
    assert stat.S_ISREG(mode), f"{path} is no regular file"
    assert path.stat().st_size < LARGEST, f"{path} is far too long"
    return path.read_text(encoding="utf-8")


def agents_tree(locus):
    """Return the clades of a tree that the agent wrote; every clade has to be there once."""
    root = Reader(written(f"{locus}.nwk")).tree()
    assert root.children, "the tree has no branches"
    found, nodes = {}, [root]
    for node in nodes:
        assert len(nodes) < 500, "the tree is far too large"
        assert len(node.children) != 1, "a node has one branch below"
        for child in node.children:
            clade = frozenset(child.tips())
            assert clade not in found, "two branches have the same tips below them"
            assert child.length is not None, f"a length is missing above {sorted(clade)[:3]}"
            found[clade] = (child.length, number(child.label) if child.children and child.label else None)
        nodes += node.children
    tips = Counter(root.tips())
    assert max(tips.values()) == 1, "a tip is there twice"
    return found


def test_agent_and_verifier_read_the_same_data():
    """Both copies come from generate.py: one that was edited alone would make the task unfair."""
    for name in ("loci.csv", "specimens.tsv", *(f"{locus}.nwk" for locus in LOCI)):
        assert (GIVEN / name).read_bytes() == (DATA / name).read_bytes()


@pytest.mark.parametrize("locus", PUBLISHED)
def test_clades(locus):
    assert agents_tree(locus).keys() == expected(locus)[0].keys()


@pytest.mark.parametrize("locus", PUBLISHED)
def test_lengths(locus):
    truth = {clade: length for clade, (length, _) in expected(locus)[0].items()}
    ours = {clade: length for clade, (length, _) in agents_tree(locus).items()}
    assert ours.keys() == truth.keys()
    assert {clade for clade in truth if abs(ours[clade] - truth[clade]) > 1.001e-6} == set()


@pytest.mark.parametrize("locus", PUBLISHED)
def test_supports(locus):
    truth = {clade: support for clade, (_, support) in expected(locus)[0].items()}
    ours = {clade: support for clade, (_, support) in agents_tree(locus).items()}
    assert ours.keys() == truth.keys()
    assert {c for c in truth if (ours[c] is None) != (truth[c] is None)} == set()
    assert {c for c in truth if truth[c] is not None and abs(ours[c] - truth[c]) > 1e-6} == set()


def test_no_tree_without_a_root():
    assert expected("cmos")[0] is None
    assert sorted(path.name for path in TREES.glob("*.nwk")) == sorted(f"{locus}.nwk" for locus in PUBLISHED)


def test_dropped_tips():
    rows = [row for row in csv.reader(written("dropped.csv").splitlines()) if row]
    truth = [[locus, tip, why] for locus in LOCI for tip, why in expected(locus)[1].items() if why]
    assert rows[:1] == [["locus", "label", "reason"]]
    assert sorted(rows[1:]) == sorted(truth)
