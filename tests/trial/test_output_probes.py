"""Each cheat on the outputs says to the author what it did, and to which file."""

from __future__ import annotations

from posttrain_arena.core.trial.probes import Output, output_probes

REPORT = Output(path="out/report.csv", size=40, head=b"name,figure\nnorth,3\n")
NOTE = Output(path="note.txt", size=2, head=b"a\n")


def test_every_cheat_on_one_output_tells_its_own_story() -> None:
    assert {probe.name: probe.about for probe in output_probes([REPORT], ["expected/report.csv"])} == {
        "probe:outputs-empty": "/root/out/report.csv is there and empty.",
        "probe:outputs-wrong": "/root/out/report.csv is as long as the oracle's, and every byte of it is an x.",
        "probe:outputs-hollow": "/root/out/report.csv holds name,figure and no more.",
        "probe:outputs-linked": (
            "/root/out/report.csv is a link to /verifier/expected/report.csv, a file of the verifier's own."
        ),
    }


def test_of_several_outputs_the_first_is_named_and_the_others_are_counted() -> None:
    empty, *_ = output_probes([REPORT, NOTE, NOTE], [])
    assert empty.about == "/root/out/report.csv is there and empty, and 2 other outputs likewise."


def test_without_data_beside_the_verifier_there_is_nothing_to_link_to() -> None:
    assert [probe.name for probe in output_probes([NOTE], [])] == [
        "probe:outputs-empty",
        "probe:outputs-wrong",
        "probe:outputs-hollow",
    ]


def test_what_an_author_wrote_is_shown_on_one_line() -> None:
    odd = Output(path="a\nb.csv", size=3, head=b"\x1b[31m,\xff\n")
    assert all(probe.about.isprintable() for probe in output_probes([odd], ["x\ny"]))
