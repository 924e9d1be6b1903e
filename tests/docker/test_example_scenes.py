"""The example with scenes, roles and a simulated user: who asks the editor passes, who does not ask does not."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from scripted_endpoint import SUBMIT, Answer, ScriptedEndpoint, bash, serving

from posttrain_arena.cli.main import main
from posttrain_arena.cli.packages import load_package
from posttrain_arena.core.trial.simulated_user import DONE
from posttrain_arena.model import documents
from posttrain_arena.model.trial import Trial

pytestmark = pytest.mark.docker
EXAMPLE = documents.REPOSITORY_ROOT / "starting-kit" / "examples" / "subtitles-retime-recut"
CLOCK = r"(\d\d:\d\d:\d\d,\d{3})"
QUESTIONS = {
    "removed": "Which parts of the long version are gone? From when to when, please.",
    "inserted": "Is anything new in it? Where does it stand, and how long is it?",
    "frame_rate": "How many frames a second has the new master?",
}
GUESS = {"removed": [], "inserted": [], "frame_rate": 25}


@pytest.fixture(scope="module")
def facts() -> dict[str, str]:
    """What the editor knows, as she would say it."""
    user = load_package(EXAMPLE).user
    assert user is not None
    return {name: str(value) for name, value in user.private_facts}


def noted(facts: dict[str, str]) -> dict[str, object]:
    """Return the notes that somebody takes who hears the facts."""
    rate = re.search(r"(\d+) frames a second", facts["frame_rate"])
    assert rate is not None
    return {
        "removed": [{"from": a, "to": b} for a, b in re.findall(f"{CLOCK} to {CLOCK}", facts["removed"])],
        "inserted": [{"at": a, "length": b} for a, b in re.findall(f"at {CLOCK}, for {CLOCK}", facts["inserted"])],
        "frame_rate": int(rate[1]),
    }


def writing(notes: dict[str, object]) -> Answer:
    return bash(f"cat > /root/changes.json <<'JSON'\n{json.dumps(notes)}\nJSON")


def conforming() -> Answer:
    """The subtitler's work: the part of the reference solution that starts from the notes."""
    solution = (EXAMPLE / "oracle" / "solve.sh").read_text(encoding="utf-8")
    script = re.search(r"cat > /root/recut\.py <<'PY'\n.*?\nPY\n", solution, re.DOTALL)
    assert script is not None
    assert "changes.json" in script[0]
    return bash(f"{script[0]}python3 /root/recut.py")


def play(agent: ScriptedEndpoint, user: ScriptedEndpoint, out: Path) -> Trial:
    with serving(agent) as agent_url, serving(user) as user_url:
        words = ["--endpoint", agent_url, "--model", "m", "--user-endpoint", user_url, "--user-model", "u"]
        assert main(["trial", str(EXAMPLE), "--agent", "chat", *words, "--out", str(out)]) == 0
    return documents.read_document(out / f"{EXAMPLE.name}-chat-0.json", Trial)


def test_agent_that_asks_notes_and_works_passes(facts: dict[str, str], tmp_path: Path) -> None:
    asking = [{"content": question} for question in QUESTIONS.values()]
    agent = ScriptedEndpoint([*asking, writing(noted(facts)), {"content": "All is noted."}, conforming(), SUBMIT])
    user = ScriptedEndpoint([*({"content": facts[name]} for name in QUESTIONS), {"content": DONE}])
    trial = play(agent, user, tmp_path)
    assert (trial.reward, trial.passed, trial.exit_reason) == (1.0, True, "submitted"), trial.verifier_log
    turns = [(turn.scene, turn.participant, turn.role) for turn in trial.trajectory]
    asked = [("briefing", "assistant-editor", role) for role in ("assistant", "user")] * 3
    assert turns[:2] == [("briefing", "assistant-editor", role) for role in ("system", "user")]
    assert turns[2:8] == asked
    assert turns[8:11] == [("briefing", "assistant-editor", role) for role in ("assistant", "tool", "assistant")]
    assert turns[11:] == [
        ("conforming", "subtitler", role) for role in ("system", "user", "assistant", "tool", "assistant")
    ]
    told = user.requests[0]["messages"][0]["content"]
    assert all(fact in told for fact in facts.values())
    assert "Mara Lindqvist" in told


def test_subtitler_hears_nothing_of_the_conversation(facts: dict[str, str], tmp_path: Path) -> None:
    agent = ScriptedEndpoint([{"content": QUESTIONS["removed"]}, SUBMIT, SUBMIT])
    user = ScriptedEndpoint([{"content": facts["removed"]}])
    trial = play(agent, user, tmp_path)
    assert (trial.reward, trial.exit_reason) == (0.0, "submitted")
    assert facts["removed"] in str(agent.requests[1]["messages"])
    assert not any(fact in str(agent.requests[2]["messages"]) for fact in facts.values())


@pytest.mark.parametrize("left_out", [None, *QUESTIONS], ids=lambda name: name or "everything")
def test_agent_that_does_not_ask_fails(left_out: str | None, facts: dict[str, str], tmp_path: Path) -> None:
    known = {name: fact for name, fact in facts.items() if left_out is not None and name != left_out}
    asking = [{"content": QUESTIONS[name]} for name in known]
    guess = {**GUESS, "frame_rate": 24} if left_out in (None, "frame_rate") else GUESS
    notes = {**guess, **{name: value for name, value in noted(facts).items() if name in known}}
    agent = ScriptedEndpoint([*asking, writing(notes), SUBMIT, conforming(), SUBMIT])
    user = ScriptedEndpoint([{"content": fact} for fact in known.values()])
    trial = play(agent, user, tmp_path)
    assert (trial.reward, trial.passed, trial.failure) == (0.0, False, None)
    assert "test_every_cue_to_the_letter - " in trial.verifier_log, "the subtitles themselves are wrong"


def test_image_holds_the_long_versions_cues_and_nothing_else() -> None:
    environment = EXAMPLE / "environment"
    files = {path.relative_to(environment).as_posix() for path in environment.rglob("*") if path.is_file()}
    assert files == {"Dockerfile", "film/original.srt"}
    cues = (environment / "film" / "original.srt").read_text(encoding="utf-8-sig").split("\n\n")
    shape = re.compile(rf"\s*\d+\n{CLOCK} --> {CLOCK}\n.+", re.DOTALL)
    assert all(shape.fullmatch(cue) for cue in cues if cue.strip())
    assert not any(word in "".join(cues).casefold() for word in ("removed", "inserted", "frame"))
