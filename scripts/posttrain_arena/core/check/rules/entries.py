"""The rules for entries: a team's manifest and the packages beside it."""

from __future__ import annotations

from posttrain_arena.core.check.rules.rule import Rule, told

ENTRY_RULES: tuple[Rule, ...] = (
    told(
        "manifest-missing",
        "error",
        """An entry has a submission.yaml.

        Why: it says whose entry this is and on which track; the checks start from it. How: add the file. Example:
        `team_name`, `contact_email` and `track` as submissions/README.md shows them.
        """,
    ),
    told(
        "manifest-email",
        "error",
        """contact_email is a mail address of the team.

        Why: the organisers write to it. How: write it as name@host.tld. Example: `contact_email: ada@team.example`.
        """,
    ),
    told(
        "entry-name",
        "error",
        """An entry's folder is named in lower case with hyphens.

        Why: it names the entry on the board and in paths. How: rename the folder. Example: `submissions/team-north`.
        """,
    ),
    told(
        "entry-layout",
        "error",
        """Packages lie in envs/, skills/ or agent/, as the track says.

        Why: nobody looks elsewhere. How: move the packages; an entry has one track. Example:
        `submissions/team-north/envs/logs-find-intruder/`.
        """,
    ),
    told(
        "entry-too-small",
        "warning",
        """An entry has at least its track's minimum of packages at the freeze.

        Why: a smaller corpus is not trained on. How: aim at the recommended number. Example: 100 packages in `envs/`.
        """,
    ),
    told(
        "entry-too-large",
        "error",
        """An entry has at most its track's maximum of packages.

        Why: training has one budget for everybody. How: keep the best; a folder whose name starts with `_` is not
        counted. Example: `envs/_later-mail-triage/`.
        """,
    ),
    told(
        "release-only-unknown",
        "error",
        """release_only names environments that are there.

        Why: a misspelt one would be trained on. How: name the folder in envs/. Example:
        `release_only: [logs-find-intruder]`.
        """,
    ),
    told(
        "skill-file",
        "error",
        """A skill is a folder with a SKILL.md, a regular file.

        Why: an agent finds a skill by it. How: add it, with name and description. Example:
        `skills/read-logs/SKILL.md`.
        """,
    ),
)
