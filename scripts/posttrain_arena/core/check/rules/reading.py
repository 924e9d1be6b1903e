"""The rules whose faults reading finds: a package that breaks one cannot be used at all."""

from __future__ import annotations

from posttrain_arena.core.check.rules.rule import Rule, told

READING_RULES: tuple[Rule, ...] = (
    told(
        "package-unreadable",
        "error",
        """A package is a folder.

        Why: without one nothing else can be said about it. How: put the package's folder at this place, not a link to
        it. Example: `envs/logs-find-intruder/task.md`.
        """,
    ),
    told(
        "file-unreadable",
        "error",
        """Every file can be opened and stays as it is while it is read.

        Why: what the checker cannot read it cannot vouch for. How: give the file ordinary permissions.
        Example: `chmod 644 verifier/test_outputs.py`.
        """,
        hides=True,
    ),
    told(
        "file-kind",
        "error",
        """Only regular files and folders lie in a package: no links, FIFOs, sockets or devices.

        Why: links, devices and pipes mean something else on every machine, and a link can point out of the package.
        How: put a copy of the file in place of the link. Example: `cp --remove-destination "$(readlink -f a.csv)"
        a.csv`.
        """,
    ),
    told(
        "file-too-large",
        "error",
        """No file is larger than 50 MB.

        Why: every file is hashed, fetched and carried into containers many times. How: make it smaller, or produce it
        in the image. Example: `RUN python3 /opt/generate.py --rows 5000000 > /root/rows.csv`.
        """,
    ),
    told(
        "package-too-large",
        "error",
        """A package has at most 200 MB in all.

        Why: an entry may hold 200 packages. How: make the data smaller, or produce it in the image. Example: `RUN
        python3 /opt/generate.py` in environment/Dockerfile.
        """,
    ),
    told(
        "file-count",
        "error",
        """A package has at most 5000 files and folders, at most 20 deep.

        Why: listing them costs more than reading them. How: pack many small files into one, or produce them in the
        image. Example: `COPY mails.tar.gz /tmp/` and `RUN tar -xzf /tmp/mails.tar.gz -C /root`.
        """,
    ),
    told(
        "file-name",
        "error",
        """Names are ones that every file system and terminal can carry.

        Why: a name with a colon, with a dot at its end or like `aux.txt` cannot be checked out on some systems, a
        control character writes into logs, and `.gitattributes` has git leave files out or rewrite them. How: use
        letters, digits, `.`, `_` and `-`. Example: `report-2025.csv` in place of `report: 2025?.csv`.
        """,
    ),
    told(
        "name-clash",
        "error",
        """No two names differ only in upper and lower case, or in how a letter is written in Unicode.

        Why: on many systems they are one file, and one of the two is lost. How: rename one. Example: `notes.md` beside
        `README.md`, in place of `Readme.md`.
        """,
    ),
    told(
        "required-file",
        "error",
        """A package has task.md, environment/Dockerfile, verifier/test.sh, verifier/verifier.md and oracle/solve.sh.
        None of them is empty.

        Why: without one of them a trial cannot be made, scored or proven solvable. How: add the file; the template of
        the starting kit has all of them. Example: `cp starting-kit/template/oracle/solve.sh oracle/`.
        """,
    ),
    told(
        "front-matter",
        "error",
        """task.md and verifier.md start with settings between two lines `---`.

        Why: all that is not prompt stands there. How: write `---` as the first line, one `key: value` per line, and
        `---` again. Example: `---`, `version: "1.0"`, `---`.
        """,
        hides=True,
    ),
    told(
        "yaml-syntax",
        "error",
        """The settings are plain YAML 1.2: one document, no tags.

        Why: what two readers read in two ways is read wrongly by one of them. How: mend the line; quote text that holds
        `: ` or ` #`. Example: `description: "Budget: the third quarter"`.
        """,
        hides=True,
    ),
    told(
        "yaml-duplicate-key",
        "error",
        """No key stands twice in one table.

        Why: readers differ in which of the two they take; the checker goes on with the first. How: keep one. Example:
        one `timeout_sec: 900` under `agent:`.
        """,
    ),
    told(
        "yaml-bounds",
        "error",
        """Settings are short: 64,000 characters, 10,000 values with aliases followed, 20 deep.

        Why: a few lines of YAML can stand for gigabytes. How: move data into files of their own. Example:
        `verifier/data/cases.json`.
        """,
        hides=True,
    ),
    told(
        "key-unknown",
        "error",
        """Only keys of the format are there.

        Why: a misspelt key would silently leave its default in force. How: use the key that the message offers, or
        remove it; your own keys are welcome under `metadata:`. Example: `timeout_sec: 900` in place of `timeout: 900`.
        """,
        hides=True,
    ),
    told(
        "key-missing",
        "error",
        """Every key that the schema requires is there.

        Why: it has no default that would be right. How: add the key that the message names. Example: `command:
        ./test.sh` under a strategy.
        """,
        hides=True,
    ),
    told(
        "value-type",
        "error",
        """Values have the type that the schema names: text, number, list, table, true or false.

        Why: `"900"` and `900` are two things to a program. How: write the value as the message says. Example: `cpus: 2`
        in place of `cpus: two`.
        """,
        hides=True,
    ),
    told(
        "value-choice",
        "error",
        """A value from a closed list is one of the list.

        Why: no other value has a meaning. How: write one of the list, letter by letter. Example:
        `network_mode: no-network` in place of `network_mode: false`.
        """,
        hides=True,
    ),
    told(
        "value-range",
        "error",
        """Numbers and lengths lie in the range that the schema names.

        Why: a limit of -5 seconds cannot be kept. How: write a value in the range. Example: `pass_threshold: 0.8`.
        """,
        hides=True,
    ),
    told(
        "value-pattern",
        "error",
        """Text has the form that the schema names.

        Why: dates, digests and slugs are compared letter by letter. How: write it in the form of the message. Example:
        `name: find-intruder` in a SKILL.md.
        """,
        hides=True,
    ),
    told(
        "prompt-missing",
        "error",
        """task.md has a section `## prompt`.

        Why: it is what the agent reads. How: write the heading on a line of its own and the instruction below it.
        Example: `## prompt`.
        """,
    ),
    told(
        "prompt-empty",
        "error",
        """The section `## prompt` says something.

        Why: without an instruction there is no task. How: write the instruction below the heading. Example: `Count the
        lines of /root/log.txt and write the number to /root/answer.txt.`
        """,
    ),
    told(
        "environment-twice",
        "error",
        """Either `environment` or `sandbox` is there.

        Why: they are two names of one table. How: join them under one name. Example: `environment:` with all its keys.
        """,
    ),
    told(
        "network-contradiction",
        "error",
        """`network_mode` and `allow_internet` do not contradict each other.

        Why: `allow_internet` is the older spelling of the same setting. How: keep `network_mode`. Example:
        `network_mode: no-network`.
        """,
    ),
)
