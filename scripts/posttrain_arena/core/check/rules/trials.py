"""The rules of level publication-grade: what a package's own trials must show; the trials find the faults."""

from __future__ import annotations

from posttrain_arena.core.check.rules.rule import Rule, told

TRIAL_RULES: tuple[Rule, ...] = (
    told(
        "oracle-does-not-pass",
        "error",
        """The oracle earns a passing reward.

        Why: without a solution that passes nobody knows that the task can be done, and demonstrations are made from it.
        How: run `scripts/run_local.sh` on the package, read the verifier's log, and mend the oracle or the verifier.
        Example: the oracle writes /root/answer.json and the verifier reads /root/answers.json.
        """,
    ),
    told(
        "empty-trial-pays",
        "error",
        """A trial in which nothing was done scores 0.0.

        Why: a reward for nothing teaches nothing. How: check for work that only a solution does, and let an untouched
        workspace earn nothing. Example: a graded verifier that pays a tenth for a file which the image has already.
        """,
    ),
    told(
        "oracle-unsteady",
        "error",
        """The oracle earns the same reward each time.

        Why: a reward that chance decides measures chance. How: take random numbers, the clock and the order of files
        out of solve.sh, or let the verifier accept what varies. Example: `sorted(os.listdir("."))`.
        """,
    ),
    told(
        "verifier-unsteady",
        "error",
        """The verifier gives one workspace one reward.

        Why: as for the oracle; training follows every difference. How: take random numbers and the clock out of the
        verifier, and change nothing in the workspace. Example: `random.Random(0)` in place of `random`.
        """,
    ),
    told(
        "solution-in-built-image",
        "error",
        """The built image holds no file of the oracle and none of the verifier's code or answers.

        Why: what a Dockerfile downloads, unpacks or generates is not seen in environment/, and the agent reads it all.
        How: leave the file out, or remove it in the step that makes it. Example: `RUN make && rm -r /src/solution`.
        """,
    ),
    told(
        "limit-tight",
        "warning",
        """The package's own trials stay well below the limits it declares.

        Why: an agent needs more time than an oracle, and machines differ. How: raise the limit, or make the task need
        less. Example: an oracle of 55 s under `timeout_sec: 60`.
        """,
    ),
    told(
        "probe-passes",
        "error",
        """No cheat earns a passing reward.

        Why: what is trained on a task finds every way that pays. How: recompute the answer from the pristine data, and
        run nothing that lies in the workspace. Example: a verifier that compares two files which the agent may write.
        """,
    ),
    told(
        "verifier-breaks",
        "warning",
        """The verifier writes a reward whatever it finds in the workspace.

        Why: a trial without a reward is lost, and agents leave odd things. How: write 0.0 where a check cannot be made.
        Example: a folder in place of /root/answer.json.
        """,
    ),
    told(
        "trial-package-unreadable",
        "error",
        """The files of environment/ can be read for the build.

        Why: the image is named by their content. How: make the file that the message names a readable, regular one.
        Example: `chmod 644 environment/data.csv`.
        """,
    ),
    told(
        "trial-build-failed",
        "error",
        """environment/Dockerfile builds.

        Why: every trial starts from that image. How: run `docker build environment/` and mend what it says. Example: a
        package that the distribution does not have, or a file that COPY does not find.
        """,
    ),
    told(
        "trial-build-timeout",
        "error",
        """The image is built within environment.build_timeout_sec.

        Why: a build that hangs must not hold up the others. How: build less, start from an image that has more, or ask
        for more time. Example: `build_timeout_sec: 1200`.
        """,
    ),
    told(
        "trial-image-unusable",
        "error",
        """The image has bash, sleep, find, head and tar.

        Why: the arena starts, fills and empties a container with them. How: start from an image that has them, such as
        the shared base image. Example: `FROM posttrain-arena/base:1`.
        """,
    ),
    told(
        "trial-oracle-failed",
        "error",
        """oracle/solve.sh ends with status 0.

        Why: a solution that breaks off solves by luck. How: read the output in the message and mend the command.
        Example: `grep -c` ends with status 1 where it counts none; write `grep -c x file || true`.
        """,
    ),
    told(
        "trial-oracle-timeout",
        "error",
        """The oracle ends within agent.timeout_sec.

        Why: an agent has no more time than that. How: make it faster, or ask for more time. Example:
        `timeout_sec: 1800` under `agent`.
        """,
    ),
    told(
        "trial-disk-limit",
        "error",
        """A trial writes no more than environment.storage_mb.

        Why: the disk of one machine is shared by all of its trials. How: write less, or ask for more. Example:
        `storage_mb: 20480`.
        """,
    ),
    told(
        "trial-memory-limit",
        "error",
        """A trial uses no more than environment.memory_mb.

        Why: the kernel ends what goes over it, and the trial with it. How: hold less at once, or ask for more. Example:
        `memory_mb: 4096`.
        """,
    ),
    told(
        "trial-left-too-much",
        "error",
        """What the agent leaves in /root, and the verifier in /logs/verifier, is small enough to be copied out.

        Why: it crosses from one container to the next in memory. How: write intermediate files to /tmp, and clean up.
        Example: a download cache below /root.
        """,
    ),
    told(
        "trial-workspace-replaced",
        "error",
        """/root is a folder when the agent is done.

        Why: a link in its place leads out of what the verifier may see. How: work inside the folder, and leave it where
        it is. Example: an oracle that moves /root away and links it back.
        """,
    ),
    told(
        "trial-verifier-crashed",
        "error",
        """verifier/test.sh ends with status 0, whatever the agent left.

        Why: a verifier that breaks has not judged, and its reward files are not read. How: end the script with `exit 0`
        and write 0.0 where a check cannot be made. Example: a checker that raises where the answer is missing.
        """,
    ),
    told(
        "trial-verifier-timeout",
        "error",
        """The verifier ends within verifier.timeout_sec.

        Why: its reward is not read after that. How: check less, or ask for more time; there is no network to wait for.
        Example: `timeout_sec: 300` under `verifier`.
        """,
    ),
    told(
        "trial-reward-missing",
        "error",
        """The verifier writes reward.txt or reward.json on every path.

        Why: no reward is not a reward of zero; the trial is lost. How: write 0.0 first, and the real reward at the end.
        Example: `echo 0.0 > "$BENCHFLOW_REWARD_TEXT"` as the first command of test.sh.
        """,
    ),
    told(
        "trial-reward-malformed",
        "error",
        """reward.txt holds one number, reward.json an object with a number under `reward`.

        Why: they are read as data and not guessed at. How: write nothing else into reward.txt. Example: `1.0` in
        reward.txt and `{"reward": 1.0}` in reward.json.
        """,
    ),
    told(
        "trial-reward-not-finite",
        "error",
        """The reward is a finite number.

        Why: NaN and infinity cannot be averaged. How: look for a division by zero in the verifier. Example: `0/0`
        where no row was found.
        """,
    ),
    told(
        "trial-reward-out-of-range",
        "error",
        """The reward lies in [0, 1].

        Why: rewards are averaged over tasks. How: scale it in the verifier. Example: 7 of 10 points are 0.7.
        """,
    ),
    told(
        "trial-reward-contradictory",
        "error",
        """reward.txt and reward.json say the same number.

        Why: two stories are no reward. How: write both from one variable. Example: `1` and `1.0` are the same number;
        `0.333` and `0.3333` are not.
        """,
    ),
    told(
        "trial-reward-oversized",
        "error",
        """The reward files are short.

        Why: a reward is one number. How: write the details into ctrf.json. Example: a whole log in reward.txt.
        """,
    ),
)
