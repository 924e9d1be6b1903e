"""Put the reports of a check that was run in shards together.

    arena reports shards/*/report.json --out report.json

Exit codes are those of `arena check`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from posttrain_arena.cli.check import EXIT_CODES
from posttrain_arena.core.check.present import FORMATS
from posttrain_arena.core.check.summary import merged_report
from posttrain_arena.model import documents
from posttrain_arena.model.report import Report


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the command's arguments."""
    parser.add_argument("reports", metavar="REPORT", type=Path, nargs="+", help="report documents of one check")
    parser.add_argument("--format", choices=sorted(FORMATS), default="text", help="how to print (default text)")
    parser.add_argument("--out", type=Path, metavar="FILE", help="also write the whole report here")


def run(arguments: argparse.Namespace) -> int:
    """Print the whole report, write it where asked, return the exit code."""
    report = merged_report([documents.read_document(path, Report) for path in arguments.reports])
    if arguments.out:
        documents.write_document(arguments.out, report)
    sys.stdout.write(FORMATS[arguments.format](report, lambda path, line: None))
    return EXIT_CODES[report.outcome]
