from pathlib import Path


def make_poem():
    Path("/srv/data/poem.txt").write_text("The tide\nwaits for\nnobody.\n")
