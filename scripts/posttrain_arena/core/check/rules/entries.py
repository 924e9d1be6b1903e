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
        "manifest-text",
        "error",
        """Names and titles are visible text on one line.

        Why: they stand on the board, and characters that nobody sees make two names look like one. How: type the text
        again, without control characters. Example: `team_name: Team North`.
        """,
    ),
    told(
        "manifest-licence",
        "error",
        """The licence, where it is given, is an open one, by its SPDX id.

        Why: entries are published, and what may not be used and passed on cannot be. How: pick from `licenses` in
        competition.yaml; join several by AND. Example: `license: CC-BY-4.0 AND Apache-2.0`.
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
        "entry-nested",
        "error",
        """Packages lie directly in envs/ or skills/, not in folders that group them.

        Why: every folder there counts as one package. How: move them up; put the group into their names. Example:
        `envs/logs-find-intruder/` in place of `envs/logs/find-intruder/`.
        """,
    ),
    told(
        "entry-stray",
        "warning",
        """Nothing lies in an entry beside its manifest, its packages and pages such as README.md and LICENSE.

        Why: nobody looks there, and authors lose data that way. How: move it into the package that needs it, or start
        the name with `_`. Example: `_drafts/`.
        """,
    ),
    told(
        "entry-short-at-freeze",
        "error",
        """From the freeze on an entry has at least its track's minimum of packages.

        Why: training on fewer says little, and nothing can be added any more. How: fill the entry before the freeze.
        Example: 100 packages in `envs/`.
        """,
    ),
    told(
        "entry-closed",
        "error",
        """Entries are handed in while the competition takes them.

        Why: all teams have the same time. How: wait for the day that the message names. Example: a phase with `entries:
        open` in competition.yaml.
        """,
    ),
    told(
        "entry-frozen",
        "error",
        """After the freeze nothing in an entry changes; it can be withdrawn.

        Why: what is ranked is what was handed in. How: undo the change, or withdraw the entry. Example: `withdrawn:
        true` in submission.yaml.
        """,
    ),
    told(
        "entry-withdrawn",
        "note",
        """A withdrawn entry stays where it is and is not judged.

        Why: nobody should mend what takes no part. How: nothing; remove the line to take part again before the freeze.
        Example: `withdrawn: true`.
        """,
    ),
    told(
        "team-twice",
        "error",
        """A team has one entry on a track.

        Why: two entries are two chances. How: join them, or withdraw one. Letter case and punctuation make no second
        team. Example: `Team North` and `team-north` are one team.
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
        "release-only-all",
        "error",
        """At least one environment is trained on.

        Why: an entry that is published alone cannot be measured. How: remove names from release_only. Example:
        `release_only: []`.
        """,
    ),
)
