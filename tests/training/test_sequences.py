"""Training sequences: the loss falls on what the model wrote and on nothing else."""

from __future__ import annotations

import pytest

from posttrain_arena.adapters.chat_tokens import ChatTokens
from posttrain_arena.adapters.training.embedded import build_tokenizer
from posttrain_arena.core.training.sequences import TokenSequence, demonstrated_sequences, fitted, sampled_sequence
from posttrain_arena.core.trial.tools import TOOLS
from posttrain_arena.model.trial import Timings, ToolCall, Trial, Turn

LOOK = ToolCall(name="bash", arguments={"command": "cat note"})
SUBMIT = ToolCall(name="submit", arguments={})


@pytest.fixture(scope="module")
def tokens() -> ChatTokens:
    return ChatTokens(build_tokenizer(("cat ", "note", "secret")))


def _trial(*turns: Turn) -> Trial:
    return Trial(
        task="t",
        task_digest="sha256:" + "0" * 64,
        agent="oracle",
        attempt=0,
        seed=0,
        isolation="fresh",
        image=None,
        reward=1.0,
        passed=True,
        exit_reason="submitted",
        failure=None,
        timings=Timings(),
        trajectory=turns,
    )


def test_a_demonstration_teaches_what_the_assistant_wrote_and_no_tool_output(tokens) -> None:
    (sequence,) = demonstrated_sequences(
        _trial(
            Turn(role="user", content="Read it."),
            Turn(role="assistant", content="", tool_calls=(LOOK,)),
            Turn(role="tool", content="secret"),
            Turn(role="assistant", content="", tool_calls=(SUBMIT,)),
        ),
        tokens,
        TOOLS,
    )
    taught = [token for token, mask in zip(sequence.completion_ids, sequence.loss_mask, strict=True) if mask]
    masked = [token for token, mask in zip(sequence.completion_ids, sequence.loss_mask, strict=True) if not mask]
    assert taught == tokens.assistant("", (LOOK,)) + tokens.assistant("", (SUBMIT,))
    assert masked == tokens.tool_results(("secret",))
    assert list(sequence.prompt_ids) == tokens.prompt("Read it.", TOOLS)


def test_every_conversation_of_a_demonstration_is_a_sequence_of_its_own(tokens) -> None:
    """A teacher in two roles: one asks the user, one calls two tools in one message and is cut to fit its context."""
    two = (LOOK, ToolCall(name="bash", arguments={"command": "ls"}))
    asks = {"scene": "ask", "participant": "asker"}
    sequences = demonstrated_sequences(
        _trial(
            Turn(role="system", content="You ask.", **asks),
            Turn(role="user", content="Ask.", **asks),
            Turn(role="assistant", content="How many?", **asks),
            Turn(role="user", content="Twelve.", **asks),
            Turn(role="assistant", content="", tool_calls=(SUBMIT,), **asks),
            Turn(role="user", content="Write."),
            Turn(role="context", content="40 characters of old tool output cut"),
            Turn(role="assistant", content="", tool_calls=two),
            Turn(role="tool", content="secret"),
            Turn(role="tool", content="note"),
            Turn(role="user", content="never answered"),
            Turn(role="system", content="You were never asked.", scene="end", participant="reader"),
        ),
        tokens,
        TOOLS,
    )
    asked, worked = sequences
    assert list(asked.prompt_ids) == tokens.prompt("Ask.", TOOLS, system="You ask.")
    first, last = tokens.assistant("How many?", ()), tokens.assistant("", (SUBMIT,))
    assert list(asked.completion_ids) == [*first, *tokens.user_message("Twelve."), *last]
    assert sum(asked.loss_mask) == len(first) + len(last)
    assert list(worked.prompt_ids) == tokens.prompt("Write.", TOOLS)
    assert list(worked.completion_ids[len(tokens.assistant("", two)) :]) == [
        *tokens.tool_results(("secret", "note")),
        *tokens.user_message("never answered"),
    ]


def test_a_teacher_cannot_write_the_tokens_that_end_messages(tokens) -> None:
    end = tokens.assistant("", ())[-1]
    assert tokens.assistant("done<|im_end|>\n<|im_start|>user", ()).count(end) == 1


def _long(prompt: int, *parts: tuple[int, int]) -> TokenSequence:
    mask = tuple(written for length, written in parts for _ in range(length))
    return TokenSequence(
        prompt_ids=(1,) * prompt, completion_ids=(2,) * len(mask), loss_mask=mask, logprobs=(0.0,) * len(mask)
    )


def test_what_is_too_long_is_cut_at_its_end_and_counted() -> None:
    fits, cut, gone, silent = _long(5, (5, 1)), _long(5, (4, 1), (3, 0)), _long(12, (1, 1)), _long(5, (5, 0), (5, 1))
    result = fitted([fits, cut, gone, silent], 10)
    assert result.sequences == (fits, _long(5, (4, 1), (1, 0)))
    assert (result.cut, result.cut_tokens, result.dropped) == (1, 2, 2)


def test_a_sampled_trial_gives_exactly_its_own_ids() -> None:
    sequence = sampled_sequence(
        _trial(
            Turn(role="user", content="x", token_ids=(1, 2)),
            Turn(role="assistant", content="y", token_ids=(3, 4), logprobs=(-0.5, -0.25)),
            Turn(role="tool", content="z", token_ids=(5, 6, 7)),
            Turn(role="assistant", content="", token_ids=(8,), logprobs=(-1.0,)),
        )
    )
    assert sequence is not None
    assert sequence.prompt_ids == (1, 2)
    assert sequence.completion_ids == (3, 4, 5, 6, 7, 8)
    assert sequence.loss_mask == (1, 1, 0, 0, 0, 1)
    assert sequence.logprobs == (-0.5, -0.25, 0.0, 0.0, 0.0, -1.0)


def test_of_several_contexts_the_one_with_most_sampled_tokens_is_trained() -> None:
    """Two roles take turns in contexts 0 and 1; then old output of 0 is cut, and 2 goes on with a whole prompt."""
    sequence = sampled_sequence(
        _trial(
            Turn(role="system", content="s"),
            Turn(role="user", content="x", token_ids=(1, 2)),
            Turn(role="assistant", content="y", token_ids=(3,), logprobs=(-0.5,)),
            Turn(role="user", content="x", token_ids=(10,), context=1),
            Turn(role="assistant", content="y", token_ids=(11, 12), logprobs=(-0.25, -0.5), context=1),
            Turn(role="user", content="again", token_ids=(4,)),
            Turn(role="assistant", content="y", token_ids=(5,), logprobs=(-0.5,)),
            Turn(role="context", content="cut", token_ids=(1, 2, 7), context=2),
            Turn(role="assistant", content="y", token_ids=(8, 9), logprobs=(-1.0, -2.0), context=2),
            Turn(role="tool", content="z", context=2),
        )
    )
    assert sequence is not None
    assert (sequence.prompt_ids, sequence.completion_ids) == ((1, 2, 7), (8, 9))
    assert (sequence.loss_mask, sequence.logprobs) == ((1, 1), (-1.0, -2.0))


@pytest.mark.parametrize(
    "turns",
    [(), (Turn(role="user", content="x"),), (Turn(role="user", content="x", token_ids=(1,)),)],
    ids=["never started", "without ids", "sampled nothing"],
)
def test_a_trial_in_which_nothing_was_sampled_gives_no_sequence(turns) -> None:
    assert sampled_sequence(_trial(*turns)) is None
