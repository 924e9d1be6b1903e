"""Follow a package's test.sh and solve.sh once for all rules that look at them."""

from __future__ import annotations

from dataclasses import dataclass

from posttrain_arena.core.check.artefacts import VerifierWorld, is_pytest
from posttrain_arena.core.check.draft import ORACLE, TEST, Draft
from posttrain_arena.core.check.shell.follow import Followed, follow_script
from posttrain_arena.core.check.shell.state import State
from posttrain_arena.core.check.shell.values import Value, Variables
from posttrain_arena.model.places import VERIFIER_ENVIRONMENT

_AGENT_ENVIRONMENT = {"HOME": "/root", "BENCHFLOW_WORKSPACE": "/root"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scripts:
    """What was met in the two scripts of a package; ``tests`` are the files that test.sh hands to pytest."""

    test: Followed
    test_world: VerifierWorld
    oracle: Followed
    tests: tuple[str, ...]


_LAST: list[tuple[Draft, Scripts]] = []
"""The rules judge one package after the other; keeping one is enough."""


def scripts_of(draft: Draft) -> Scripts:
    """Follow both scripts of a package; the last package's are remembered."""
    for known, scripts in _LAST:
        if known is draft:
            return scripts
    world = VerifierWorld(draft)
    test = _follow(draft, TEST, world, VERIFIER_ENVIRONMENT)
    names = dict.fromkeys(name for call in test.calls if is_pytest(call) for name in world.tests_of(call))
    scripts = Scripts(
        test=test,
        test_world=world,
        oracle=_follow(draft, ORACLE, VerifierWorld(draft, "oracle"), _AGENT_ENVIRONMENT),
        tests=tuple(name for name in names if draft.listing.is_file(name)),
    )
    _LAST[:] = [(draft, scripts)]
    return scripts


def _follow(draft: Draft, name: str, world: VerifierWorld, environment: dict[str, str]) -> Followed:
    folder = "/" + name.rpartition("/")[0]
    variables: Variables = {key: (Value(text, 0),) for key, text in environment.items()}
    variables["0"] = (Value(f"/{name}", 0),)
    variables["PWD"] = (Value(folder, 0),)
    text = draft.text(name)
    first = text.split("\n", 1)[0]
    state = State(variables=variables, folder=folder, errexit=first.startswith("#!") and first.endswith(" -e"))
    return follow_script(text, name, state, world)
