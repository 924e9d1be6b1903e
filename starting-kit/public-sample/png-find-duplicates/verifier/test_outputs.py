"""Work the index out again from the archive in the image, and compare with the agent's group by group."""

import json
import os
import stat
from collections import Counter, defaultdict
from functools import cache
from itertools import permutations, product
from pathlib import Path

import pytest
from pictures import BrokenFileError, Picture

INDEX = Path(os.environ.get("BENCHFLOW_WORKSPACE", "/root")) / "index.json"
ARCHIVE = Path("/srv/pictures")
TURNS = list(product((False, True), (0, 90, 180, 270)))
FEWEST_KINDS = 16


def look(path):
    """Return a picture, or None where its file is broken."""
    try:
        return Picture(path.read_bytes())
    except BrokenFileError:
        return None


@cache
def archive():
    """Return name → picture, or None, of all files."""
    files = [Path(folder, name) for folder, _, names in os.walk(ARCHIVE) for name in names]
    return {str(path.relative_to(ARCHIVE)): look(path) for path in files if path.suffix in (".png", ".PNG")}


def whole(name):
    """Return a picture that can be looked at."""
    return archive()[name]


@cache
def turn_of(name, mirrored, degrees):
    """Return (width, height, pixel → places) of a turn of a picture."""
    rows = whole(name).turned(mirrored, degrees)
    places = defaultdict(set)
    for y, row in enumerate(rows):
        for x, pixel in enumerate(row):
            places[pixel].add((x, y))
    return len(rows[0]), len(rows), places


@cache
def census(name):
    """Return (pixel, x, y) of all pixels of a picture, the rarest kinds first."""
    count = Counter(pixel for row in whole(name).rows for pixel in row)
    cells = [(pixel, x, y) for y, row in enumerate(whole(name).rows) for x, pixel in enumerate(row)]
    return sorted(cells, key=lambda cell: count[cell[0]])


def first_place(name, wide, high, places):
    """Return the first (y, x) at which a picture lies in another one, or None; each pixel rules places out."""
    part = whole(name)
    pixel, x, y = census(name)[0]
    left = {
        (across - x, down - y)
        for across, down in places.get(pixel, ())
        if 0 <= across - x <= wide - part.width and 0 <= down - y <= high - part.height
    }
    for pixel, x, y in census(name):
        if not left:
            return None
        found = places.get(pixel, set())
        left = {(a, b) for a, b in left if (a + x, b + y) in found}
    return min(((b, a) for a, b in left), default=None)


def relation(name, other):
    """Return how a file relates to another one, as its entry in the index, or None."""
    part, other_one = whole(name), whole(other)
    sizes = part.width * part.height, other_one.width * other_one.height
    kinds = len({pixel for row in part.rows for pixel in row})
    if sizes[0] > sizes[1] or (sizes[0] < sizes[1] and kinds < FEWEST_KINDS):
        return None
    for mirrored, degrees in TURNS:
        wide, high, places = turn_of(other, mirrored, degrees)
        place = first_place(name, wide, high, places)
        if place and sizes[0] < sizes[1]:
            return {"relation": "crop", "mirrored": mirrored, "degrees": degrees, "x": place[1], "y": place[0]}
        if place and not mirrored and degrees == 0:
            return {"relation": "copy"}
        if place:
            return {"relation": "turned", "mirrored": mirrored, "degrees": degrees}
    return None


def rank(name):
    """Return what the original of a group is least in."""
    picture = whole(name)
    return -picture.width * picture.height, picture.time or b"\xff\xff", os.fsencode(name)


def expected_groups():
    """Return original → file → its entry."""
    names = [name for name, picture in archive().items() if picture]
    related = {pair: entry for pair in permutations(names, 2) if (entry := relation(*pair))}
    near = defaultdict(set)
    for one, other in related:
        near[one].add(other)
        near[other].add(one)
    groups, waiting = {}, set(near)
    while waiting:
        group, border = set(), {waiting.pop()}
        while border:
            group |= border
            border = {other for name in border for other in near[name]} - group
        waiting -= group
        original = min(group, key=rank)
        groups[original] = {name: related.get((name, original), {"relation": "linked"}) for name in group - {original}}
    return groups


@pytest.fixture(scope="module")
def index():
    """Return the agent's index; whatever is no file of a fair size fails the test."""
    info = os.lstat(INDEX)
    assert stat.S_ISREG(info.st_mode), f"{INDEX} is no regular file"
    assert info.st_size < 200_000, f"{INDEX} is far too long"
    found = json.loads(INDEX.read_text(encoding="utf-8"))
    assert isinstance(found, dict)
    assert set(found) == {"broken", "groups"}
    return found


@pytest.fixture(scope="module")
def groups(index):
    """Return what the index must say; where there is none, nothing has to be worked out."""
    return expected_groups()


def test_broken_files(index):
    assert sorted(index["broken"]) == sorted(name for name, picture in archive().items() if picture is None)


def test_originals(index, groups):
    assert sorted(group["original"] for group in index["groups"]) == sorted(groups)


def test_members(index, groups):
    for group in index["groups"]:
        assert set(group) == {"original", "members"}
        members = {member["file"]: {key: member[key] for key in member if key != "file"} for member in group["members"]}
        assert len(members) == len(group["members"]), "a file is named twice"
        expected = groups[group["original"]]
        assert sorted(members) == sorted(expected), group["original"]
        for name, entry in expected.items():
            assert typed(members[name]) == typed(entry), name


def typed(entry):
    """Return an entry with the types of its values, since 0, 0.0 and false are equal in Python."""
    return {key: (type(value).__name__, value) for key, value in entry.items()}
