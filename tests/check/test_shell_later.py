"""A script ends, or a command is not found, where it uses what only a line further down brings."""

from __future__ import annotations

import pytest
from packages import SOUND

from posttrain_arena.core.check.artefacts import VerifierWorld
from posttrain_arena.core.check.draft import read_draft
from posttrain_arena.core.check.shell.follow import follow_script
from posttrain_arena.core.check.shell.state import State


@pytest.mark.parametrize(
    ("script", "ends"),
    [
        ("f\nf() { :; }", []),
        ("set -e\nf\nf() { :; }", [(2, "f is called on line 2 and defined only on line 3")]),
        ("set -e\nf || true\nf() { :; }", []),
        ("set -e\ntrap f EXIT\nf() { :; }", []),
        ("set -e\ng() { f; }\nf() { :; }\ng", []),
        ("set -e\npytest\npytest() { :; }", []),
        ("set -u\necho $X\nX=1", [(2, "$X has no value before line 3, and set -u is on")]),
        ("set -eu\nY=${X%.*}\nX=1", [(2, "$X has no value before line 3, and set -u is on")]),
        ('set -u\nif [ -n "$X" ]; then :; fi\nX=1', [(2, "$X has no value before line 3, and set -u is on")]),
        ("set -u\nset +u\necho $X\nX=1", []),
        ("set -u\necho ${X:-} ${X-} ${X+a} ${X:=b}\nX=1", []),
        ("set -u\necho $X $HOME $PYTHONPATH\nHOME=1 PYTHONPATH=2", []),
        ("set -u\nread -r X\necho $X\nX=1", []),
        ("set -u\nprintf -v X a\necho $X\nX=1", []),
        ("set -u\n(X=1; echo $X)\nX=1", []),
        ("set -u\nfor X in a; do echo $X; done\nX=1", []),
        ("set -u\nX=$X:a\n", []),
    ],
)
def test_what_is_used_before_it_is_there_ends_the_script(script: str, ends: list[tuple[int, str]]) -> None:
    world = VerifierWorld(read_draft(SOUND))
    followed = follow_script(script, "verifier/test.sh", State(variables={}, folder="/"), world)
    assert [(end.line, end.why) for end in followed.exits if end.why] == ends
