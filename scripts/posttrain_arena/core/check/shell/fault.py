"""What stops the reading of a shell script."""

from __future__ import annotations


class ShellFault(Exception):  # noqa: N818 (it ends in no error: it becomes a finding)
    """What stopped the reader; ``certain`` where every shell would stop as well."""

    def __init__(self, line: int, what: str, *, certain: bool) -> None:
        super().__init__(what)
        self.line, self.what, self.certain = line, what, certain
