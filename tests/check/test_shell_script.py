"""The shell reader takes what bash takes, and what it says of a script's ways is what running it shows."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packages import SOUND, findings_of, sound_package

from posttrain_arena.core.check.artefacts import VerifierWorld
from posttrain_arena.core.check.draft import read_draft
from posttrain_arena.core.check.shell.follow import follow_script
from posttrain_arena.core.check.shell.script import MAX_SCRIPT_CHARS, read_script
from posttrain_arena.core.check.shell.state import Call, State
from posttrain_arena.core.check.shell.tree import Compound, Simple
from posttrain_arena.core.check.shell.values import Value, expand
from posttrain_arena.core.check.verifier_walk import _LAST

BASH = shutil.which("bash")

TAKEN = {
    "quotes": "echo 'a \"b' \"c 'd\" e\\'f $'g\\'h' \"$(echo \"i 'j\")\"",
    "comment with a quote": "echo a # it's fine\necho b#c 'd'",
    "here-document": 'cat <<EOF\nan " open quote and $(echo x)\nEOF\necho after',
    "here-document with tabs": "cat <<-'EOF'\n\tif then\n\tEOF\necho after",
    "two here-documents": "cat <<A; cat <<'B C'\none\nA\ntwo\nB C\n",
    "here-document in a substitution": 'X=$(cat <<EOF\n( " \'\nEOF\n)\necho "$X"',
    "here-string": 'grep x <<< "a b"',
    "if": "if a; then b; elif c\nthen d; else e; fi > out 2>&1",
    "loops": "for x in a b; do c; done\nwhile :; do break; done\nuntil a; do b; done",
    "counting loop": "for ((i = 0; i < 3; i++)); do c; done\nfor ((;;)) { break; }",
    "loop over arguments": "for x; do echo $x; done\nfor x do echo $x; done\nfor x\ndo\n:\ndone",
    "case": "case $x in\n  a|b) c ;;\n  (d) e ;&\n  'f g') h ;;&\n  *) esac_not=1\nesac",
    "functions": "f() { a; }\nfunction g { b; }\nfunction h() ( c )\nf && g || h",
    "conditions": "[[ $a == b* && ( -f c || ! -d d ) ]]\n[[ $a =~ ^([0-9]+)\\ (x|y)$ ]] && echo ${BASH_REMATCH[1]}",
    "arithmetic": "(( i++ ))\nx=$(( (1 + 2) * 3 ))\n(( x > 3 )) && y=$((x<<2))",
    "nested groups": "( (a); { b; } )\n((c) | d)",
    "parameters": 'echo "${a:-${b:-"c d"}}" ${a%%.*} ${#a} ${a//\\//_} ${a[@]} "${a[$i]}" ${a:1:2}',
    "arrays": "a=(b 'c d' $(e)\n  # a comment\n  f)\na+=(g)\ndeclare -A m=([k]=v)",
    "redirections": "a > b 2>> c < d &> e 3<&0 >| f\n{ g; } 2>&1 | tee h\nexec 3>&1",
    "process substitution": "diff <(sort a) <(sort b) > >(tee c)",
    "continued lines": "a \\\n  b \\\n  c",
    "pattern lists": "ls !(a|b) @(c|d)*",
    "words that look like keywords": "echo if then fi done\nx=if\n./done --esac in",
    "empty": "",
    "blank lines and a semicolon at the end": "\n\n  a;\n\n",
    "background": "a & b &\nwait",
    "negation and time": "! a | b\ntime c",
}
REFUSED = {
    "single quote": ("echo ok\necho 'a\necho b", 2),
    "double quote": ('x="a\necho b', 1),
    "quote in a substitution": ('x=$(echo "a)\necho b', 1),
    "backquote": ("x=`echo a\necho b", 1),
    "substitution": ("x=$(echo a\necho b", 1),
    "here-document": ("a\ncat <<EOF\nb\n EOF\n", 2),
    "if": ("a\nif b; then\n  c\nd", 2),
    "if without then": ("if a\n  b\nfi", 3),
    "loop": ("for x in a; do\n  b\n", 1),
    "loop without do": ("while a\n  b\ndone", 3),
    "case": ("case a in\n b) c ;;\n", 1),
    "group": ("f() {\n  a\n", 1),
    "fi alone": ("a\nfi", 2),
    "done alone": ("done", 1),
    "bracket too many": ("echo $(a))", 1),
    "brace too many": ("f() { a; }\n}", 2),
    "branch of a comment": ("if a; then\n  # b\nfi", 3),
    "condition without an end": ("[[ <\\\\\n'", 2),
    "nothing behind and": ("a &&\n", 2),
}


@pytest.mark.parametrize("name", TAKEN)
def test_what_bash_takes_is_read(name: str) -> None:
    script = read_script(TAKEN[name])
    assert script.whole
    assert script.fault is None


@pytest.mark.parametrize("name", REFUSED)
def test_what_no_shell_takes_is_a_fault_at_its_line(name: str) -> None:
    text, line = REFUSED[name]
    assert (read_script(text).fault or (0, ""))[0] == line


@pytest.mark.skipif(BASH is None, reason="bash is what it is compared with")
@pytest.mark.parametrize("text", [*TAKEN.values(), *(text for text, _ in REFUSED.values())])
def test_bash_agrees(text: str) -> None:
    assert _bash_takes(text) == (read_script(text).fault is None)


KEYWORDS = "if ,then ,fi,for x in a; do ,done,case x in ,esac,a) ,else ,f() "
SIGNS = ";;,$(,${,$((,((,[[ ,]],<<E,\nE\n,a,b c,x=1,x=(,&&,||,\\\n"
PIECES = st.sampled_from([*"'\"`(){};&|<>$\\#!= \n\t", *KEYWORDS.split(","), *SIGNS.split(",")])


@given(st.lists(PIECES, max_size=30).map("".join))
@settings(max_examples=400, deadline=None)
def test_any_text_is_read_without_an_exception(text: str) -> None:
    script = read_script(text)
    assert script.whole or not script.block


@pytest.mark.skipif(BASH is None, reason="bash is what it is compared with")
@given(st.lists(PIECES, max_size=14).map("".join))
@settings(max_examples=150, deadline=None)
def test_what_is_called_a_fault_is_one_for_bash(text: str) -> None:
    if read_script(text).fault is not None:
        assert not _bash_takes(text)


WORD = st.text("ab.c/_-", min_size=1, max_size=6)


@st.composite
def blocks(draw: st.DrawFn, depth: int = 0) -> str:
    kinds = ["simple", "quoted", "list"] + (["if", "for", "group", "function", "case", "here"] if depth < 3 else [])
    kind, word = draw(st.sampled_from(kinds)), draw(WORD)
    if kind == "quoted":
        return f"echo '{word}' \"x $({draw(blocks(depth + 1))})\"" if depth < 3 else f'echo "{word}"'
    if kind == "list":
        return f"cmd {word} && other || last"
    if kind in ("simple", "here"):
        return f"run {word} > out" if kind == "simple" else f"cat <<'E_O_F'\n{word} ' \" (\nE_O_F\n"
    inner = draw(blocks(depth + 1))
    return {
        "if": f"if test -f {word}; then\n{inner}\nelse\n:\nfi",
        "for": f"for v in {word} b; do\n{inner}\ndone",
        "group": f"{{\n{inner}\n}} > out",
        "function": f"fun_{depth}() {{\n{inner}\n}}",
        "case": f"case {word} in\na*) {inner}\n;;\n*) : ;;\nesac",
    }[kind]


@given(st.lists(blocks(), min_size=1, max_size=5))
@settings(max_examples=150, deadline=None)
def test_sound_scripts_are_read_whole_with_their_lines(statements: list[str]) -> None:
    script = read_script("\n".join(statements))
    assert script.whole
    lines, at = [], 1
    for statement in statements:
        lines.append(at)
        at += statement.count("\n") + 1
    assert [statement.line for statement in script.block] == lines


VALUES = [
    ('"${BENCHFLOW_REWARD_TEXT:-/logs/r.txt}"', ["/logs/r.txt"]),
    ('"$DIR/a.py"', ["/verifier/a.py"]),
    ("${DIR}", ["/verifier"]),
    ('"$(dirname "$0")/b"', ["/verifier/b"]),
    ('"$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"', ["/verifier"]),
    ("${0%/*}/c", ["/verifier/c"]),
    ('"$(basename /a/b.txt)"', ["b.txt"]),
    ("$TWO", ["1", "2"]),
    ("'$DIR'", ["$DIR"]),
    ("a\\ b", ["a b"]),
    ('"$UNKNOWN/x"', ["\0/x"]),
    ("$(date)", ["\0"]),
    ("*.py", ["\0.py"]),
    ('"${NONE:-${DIR}/d}"', ["/verifier/d"]),
]


@pytest.mark.parametrize(("word", "texts"), VALUES)
def test_words_stand_for_what_the_script_tells(word: str, texts: list[str]) -> None:
    variables = {
        "DIR": (Value("/verifier", 1),),
        "0": (Value("/verifier/test.sh", 0),),
        "TWO": (Value("1", 1), Value("2", 2)),
    }
    node = read_script(f"echo {word}").block[0].first.stages[0]
    assert isinstance(node, Simple)
    assert [value.text for value in expand(node.words[1], variables)] == texts


LATER = (
    "late ;; late() { echo {} > $J; echo 1 > $T; } ;; if $C; then late; fi ;; early() { late; } ;; early ;; "
    "set -e ;; set +e ;; set -u ;; : $Q ;; (Q=1); echo $Q > /dev/null; echo 1 > $T ;; Q=2"
)
STATEMENTS = st.sampled_from(
    [
        "echo 1 > $T",
        "echo 0 > $T",
        "echo {} > $J",
        "true && echo 1 > $T",
        "false || echo 1 > $T",
        "false && echo 1 > $T",
        "if $C; then echo 1 > $T; fi",
        "if $C; then echo 1 > $T; else echo 0 > $T; fi",
        "if $C; then echo {} > $J; exit 0; fi",
        "$C || exit 0",
        "$C && { echo {} > $J; }",
        "for x in a b; do echo {} > $J; done",
        "w() { echo {} > $J; }; w",
        "(exit 0); echo 1 > $T",
        "case $N in 1) echo {} > $J ;; *) echo 1 > $T ;; esac",
        "trap 'echo {} > $J' EXIT",
        "R=$(echo 1)",
        "R=1; [ $R = 1 ] && echo $R > $T",
        *LATER.split(" ;; "),
    ]
)


@pytest.mark.skipif(BASH is None, reason="the scripts are run")
@given(statements=st.lists(STATEMENTS, min_size=1, max_size=6), holds=st.booleans())
@settings(max_examples=120, deadline=None)
def test_what_is_said_to_be_written_on_every_way_is_written_when_it_is_run(
    statements: list[str], holds: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("run")
    script = "\n".join(statements)
    ends = _followed(script)
    names = {"reward.txt": folder / "t", "reward.json": folder / "j"}
    variables = {"T": str(folder / "t"), "J": str(folder / "j"), "C": "true" if holds else "false", "N": "1"}
    subprocess.run([BASH, "-c", script], env=variables, capture_output=True, check=False)  # type: ignore[list-item]
    for name, path in names.items():
        if ends and all(name in state.written | state.trapped for state in ends):
            assert path.exists(), script


def _followed(script: str) -> list[State]:
    variables = {"T": (Value("/logs/verifier/reward.txt", 0),), "J": (Value("/logs/verifier/reward.json", 0),)}
    state = State(variables=variables, folder="/")
    followed = follow_script(script, "verifier/test.sh", state, VerifierWorld(read_draft(SOUND)))
    assert followed.whole
    return [end.state for end in followed.exits] if not followed.unsure else []


HOSTILE = {
    "quotes": "'" * 300_001,
    "open brackets": "$(" * 200_000,
    "open arithmetic": "$((" * 200_000,
    "open braces": "${" * 200_000,
    "subshells": "(" * 300_000,
    "one word": "a" * 900_000,
    "array in a long name": "a" * 300_000 + "+(" * 100_000,
    "many lines": "echo a\n" * 150_000,
    "many ifs": "if a; then b; fi\n" * 50_000,
    "many pipes": "a |" * 200_000 + "b",
    "many ands": "a &&" * 100_000 + "b",
    "here-documents": "cat <<E\nE\n" * 80_000,
    "backquotes": "`a`" * 200_000,
    "variables that double": "".join(f'V{n + 1}="$V{n}$V{n}$V{n}"\n' for n in range(2_000)),
    "functions that call each other": "f() { g; g; }\ng() { f; f; }\nf\n",
    "branches": "if $C; then A=1; else A=2; fi\n" * 2_000,
    "eval": "eval 'eval \"eval a\"'\n" * 1_000,
}


@pytest.mark.parametrize("size", [MAX_SCRIPT_CHARS - 100, 990_000])
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_scripts_are_judged_in_bounded_time(name: str, size: int, tmp_path: Path) -> None:
    package = sound_package(tmp_path / "count-lines")
    (package / "verifier" / "test.sh").write_text("#!/bin/bash\n" + HOSTILE[name][:size], encoding="utf-8")
    start = time.process_time()
    findings_of(package)
    assert time.process_time() - start < 8
    _LAST.clear()


def _bash_takes(text: str) -> bool:
    done = subprocess.run(
        [BASH, "-O", "extglob", "-n"],  # type: ignore[list-item]
        input=text.encode(),
        capture_output=True,
        check=False,
    )
    # What is wrong between [[ and ]] it says, yet ends with 0; a here-document without an end it only warns of.
    return done.returncode == 0 and not done.stderr


def test_nested_parts_are_found_by_name() -> None:
    block = read_script("if a; then for x in b; do c; done; fi").block
    node = block[0].first.stages[0]
    assert isinstance(node, Compound)
    assert list(_names(block)) == ["a", "c"]


def _names(block: tuple) -> Iterator[str]:
    for statement in block:
        for node in statement.first.stages:
            if isinstance(node, Simple):
                yield node.words[0].bare()
            else:
                for condition, body in node.branches:
                    yield from _names(condition)
                    yield from _names(body)


def test_a_call_knows_its_words() -> None:
    call = Call(script="verifier/test.sh", line=1, name="pytest", arguments=((Value("-q", 1),), ()))
    assert call.words() == ["-q", ""]
