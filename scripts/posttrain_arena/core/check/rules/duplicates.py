"""The rules about one task that is there twice; they look at many packages together."""

from __future__ import annotations

from posttrain_arena.core.check.rules.rule import Rule, told

DUPLICATE_RULES: tuple[Rule, ...] = (
    told(
        "duplicate-task",
        "error",
        """No task is in an entry twice, whatever its folder is called.

        Why: an entry is measured by different tasks, and the same one twice is trained on twice. How: remove one.
        White space and letter case make no difference. Example: keep `logs-find-intruder`, remove
        `logs-find-intruder-2`.
        """,
    ),
    told(
        "near-duplicate",
        "warning",
        """Two tasks of an entry ask for different work.

        Why: variants of one instruction teach little more than one of them, and fill an entry. How: make them differ in
        what has to be done, or keep one. Example: two tasks that differ in a file name alone.
        """,
    ),
    told(
        "copy-of-other-entry",
        "warning",
        """A task is not in another entry as well.

        Why: entries are compared with each other. How: contribute work of your own; where the other entry copied yours,
        tell the organisers. Example: a task from a book that two teams hand in.
        """,
    ),
    told(
        "public-sample-copy",
        "error",
        """A task is not one of the public sample, nor nearly one.

        Why: checkpoints are measured on the sample, and what was trained on measures nothing. How: remove it. Example:
        a task whose prompt is that of a sample task with other names.
        """,
    ),
    told(
        "kit-example-copy",
        "error",
        """A task is not one of the starting kit's worked examples, nor nearly one.

        Why: everybody has the examples and their solutions, and an entry is ranked by what is its own. How: keep what
        you learned from it, and write a task of your own. Example: `logs-find-intruders` under another name.
        """,
    ),
)
