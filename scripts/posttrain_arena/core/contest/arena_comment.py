"""Write the comment on a pull request whose reports cannot be used, since it changes more than entries."""

from __future__ import annotations

from posttrain_arena.core.contest.check_comment import MARKER
from posttrain_arena.core.contest.pull_request import PullRequest
from posttrain_arena.model.markdown import block

MAX_SHOWN = 20


def mixed_comment(pull: PullRequest) -> str:
    """Return what is said to somebody whose pull request has an entry and other changes in it."""
    others = list(pull.others[:MAX_SHOWN])
    others += [f"and {len(pull.others) - MAX_SHOWN} more"] if len(pull.others) > MAX_SHOWN else []
    return "\n".join(
        [
            MARKER,
            "### Fix this: entries alone",
            "",
            "A pull request with an entry may change nothing outside of `submissions/`: then the check that judges it "
            "is the arena's own. Take these out, or into a pull request of their own:",
            "",
            block(others),
            "",
            f"<sub>Commit {pull.head[:12]}. This comment follows the pull request: every push is checked anew.</sub>",
            "",
        ]
    )
