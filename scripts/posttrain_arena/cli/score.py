"""Score an evaluation against the baseline: the lift, its interval and the cross-checks.

Examples:
  arena score run/evaluation-grpo.json run/evaluation-base.json --out score.json
  arena score s1.json base.json --seeds s2.json s3.json

With more training seeds of the entry the lift is of the corpus and no longer of one checkpoint, and its interval holds
the noise of seeds. All files must come from the same suite. Bad input (a reward that is not a number from 0 to 1, a
task missing on one side, duplicate trials, an empty set) is refused and nothing is written.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from posttrain_arena.core.scoring.corpus import score_seeds
from posttrain_arena.model.documents import read_document, write_document
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.score import Cell, Interval, Score


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the two evaluations and the output file."""
    parser.add_argument("evaluation", metavar="EVAL", type=Path, help="evaluation of the entry's checkpoint")
    parser.add_argument("baseline", metavar="BASELINE", type=Path, help="evaluation of the baseline")
    for option, whose in (("--seeds", "the entry"), ("--baseline-seeds", "the baseline")):
        what = f"evaluations of {whose}'s other training seeds"
        parser.add_argument(option, metavar="EVAL", type=Path, nargs="+", default=[], help=what)
    parser.add_argument("--out", metavar="FILE", type=Path, help="write the score document here")


def run(arguments: argparse.Namespace) -> int:
    """Print the score and write it where asked."""
    entry = [read_document(path, Evaluation) for path in (arguments.evaluation, *arguments.seeds)]
    baseline = [read_document(path, Evaluation) for path in (arguments.baseline, *arguments.baseline_seeds)]
    result = score_seeds(entry, baseline)
    print(summary(result))
    if arguments.out:
        write_document(arguments.out, result)
        print(f"wrote {arguments.out}")
    return 0


def summary(result: Score) -> str:
    """Return the score in words; differences in percentage points, rates in percent."""
    lines = [
        f"lift of {result.estimand} on {_word(result.suite)}: {_pp(result.delta)} pp, "
        f"{result.analysis.level:.0%} interval {_span(result.interval)}",
        f"  pass rate  {result.baseline_rate:.1%} -> {result.entry_rate:.1%}"
        f"   ({result.n} tasks, {result.k} trials each, baseline {result.k_b})",
        f"  paired t   {_span(result.t_interval)}, standard error {100 * result.se:.1f} pp, p {result.t_p_value:.2g}"
        f"   (sign-flip p {result.sign_flip_p_value:.2g})",
        f"  small set  {_span(result.small_set_interval)} by {result.small_set_method}; "
        f"{result.changed_tasks} tasks changed{': the interval to read' if result.sparse else ''}",
        f"  power      a lift of {100 * result.resolved_delta:.1f} pp would be found in 80% of such runs",
        f"  macro      {_pp(result.macro)} pp over {len(result.domains)} domain(s)",
    ]
    if result.seeds:
        seeds = result.seeds
        lines.append(
            f"  seeds      {len(seeds.entry)} of the entry, {len(seeds.baseline)} of the baseline; over tasks alone "
            f"{_span(seeds.task_interval)}, {seeds.degrees:.1f} degrees of freedom"
        )
    lost = result.lost
    if lost.entry or lost.baseline:
        bounds = f"{_pp(lost.delta_low)} to {_pp(lost.delta_high)} pp"
        lines.append(f"  lost       {lost.entry} + {lost.baseline} trials, counted as fails; bounds {bounds}")
    lines += [f"  group      {_cell(cell)}" for cell in result.groups]
    lines += [f"  domain     {_cell(cell)}" for cell in result.domains]
    return "\n".join(lines)


def _cell(cell: Cell) -> str:
    interval = f", small-set interval {_span(cell.interval)}" if cell.interval else ""
    return f"{_word(cell.name)}: {_pp(cell.delta)} pp on {cell.n} task(s){interval}"


def _word(text: str) -> str:
    """Return untrusted text without anything a terminal would act on."""
    return ascii(text)[1:-1]


def _span(interval: Interval) -> str:
    return f"[{_pp(interval.low)}, {_pp(interval.high)}]"


def _pp(fraction: float) -> str:
    return f"{100 * fraction:+.1f}"
