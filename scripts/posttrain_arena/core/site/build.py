"""Render the site, byte for byte the same from the same source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from posttrain_arena.core.site import agents, badges, charts, citation, compare, data, docs, feed, text, views
from posttrain_arena.core.site.entry import RunView, run_view, scored
from posttrain_arena.core.site.source import Source
from posttrain_arena.core.site.write import File, Part
from posttrain_arena.model.documents import encode, to_document
from posttrain_arena.model.evaluation import Evaluation
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.sealed_run import Published, SealedRun

HERE = Path(__file__).parent


def parts(source: Source) -> list[Part]:
    """Return functions that each return some of the site's files, and no file that another returns.

    They need nothing of each other, and each does the same whenever and in whichever process it is called.
    """
    environment = _environment(source)
    found = compare.section_pairs(source)
    return [
        partial(_board_pages, source, environment, found),
        partial(_doc_pages, source, environment),
        partial(_board_data, source),
        partial(_assets),
        partial(_entry_pictures, source),
        *(partial(_pair_page, environment, section, pair) for section in found for pair in section.pairs),
        *_run_parts(source, environment, compare.by_run(found)),
        *(partial(_evaluation, *named) for named in _evaluations(source.runs).items()),
    ]


def _assets() -> Iterator[File]:
    for path in sorted((HERE / "assets").iterdir()):
        yield path.name, _asset(path)


def _asset(path: Path) -> bytes:
    """Return a file as it is served: style sheets and scripts without what makes them readable."""
    if path.suffix == ".css":
        sheet = re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))
        return re.sub(r"\s*([{};,]) ?", r"\1", sheet).replace(";}", "}").replace(": ", ":").encode()
    if path.suffix == ".js":
        return re.sub(r"^(//.*\n|\s+)", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).encode()
    return path.read_bytes()


def _board_pages(source: Source, environment: Any, found: tuple[compare.SectionPairs, ...]) -> Iterator[File]:
    pages = views.board_pages(source.board, {run.id for run in source.runs})
    for page in pages:
        if page.track != "agents" or source.agents is None:
            yield page.name, _page(environment, "board.html", page=page)
    yield from _agents_pages(source, environment)
    yield "compare.html", _page(environment, "compare.html", found=found)
    days = sorted(Counter(source.days[run.id] for run in source.runs if run.id in source.days).items(), reverse=True)
    yield "changes.html", _page(environment, "changes.html", changes=source.board.changes, days=days)
    yield (
        "data.html",
        _page(
            environment, "data.html", dataset=citation.dataset(source), bibtex=citation.board_bibtex(source).decode()
        ),
    )
    yield "404.html", _page(environment, "404.html", root="/")


def _agents_pages(source: Source, environment: Any) -> Iterator[File]:
    board = source.agents
    if board is not None:
        values: dict[str, Any] = {
            "agents": agents.agent_views(board),
            "words": agents.REASONS,
            "kinds": agents.REFERENCES,
        }
        yield views.track_page("agents"), _page(environment, "agents.html", board=board, **values)
        yield "api/v1/agents.json", encode(to_document(board))
        yield "api/v1/agents.csv", agents.csv_cells(board)


def _run_parts(source: Source, environment: Any, pairs: Mapping[str, Sequence[compare.Pair]]) -> Iterator[Part]:
    attempts: dict[tuple[str, str], list[Published]] = {}
    for run in source.runs:
        attempts.setdefault((run.entry.name, run.suite.digest), []).append(run)
    rows = {name: row for section in source.board.sections for row in section.rows for name in (row.run, *row.seeds)}
    for run in source.runs:
        view = partial(
            run_view,
            run,
            row=rows.get(run.id),
            attempts=attempts[run.entry.name, run.suite.digest],
            changes=source.board.changes,
        )
        yield partial(_run_files, source, environment, view, pairs.get(run.id, ()))


def _run_files(
    source: Source, environment: Any, make: Callable[[], RunView], pairs: Sequence[compare.Pair]
) -> Iterator[File]:
    view = make()
    run = view.run
    values = {"run": run, "pairs": pairs, "hidden": isinstance(run, SealedRun)}
    page = _page(environment, "run.html", root="../", day=source.days.get(run.id, ""), view=view, **values)
    yield f"runs/{run.id}.html", page
    yield f"runs/{run.id}.bib", citation.run_bibtex(run, source)
    yield f"runs/{run.id}.cff", citation.run_cff(run, source)
    yield f"api/v1/runs/{run.id}.json", source.files.get(run.id) or encode(to_document(run))


def _evaluations(runs: Iterable[Published]) -> dict[str, Evaluation]:
    """Return the evaluations that scores are of, by digest; many runs share one baseline."""
    found: dict[str, Evaluation] = {}
    for run in runs:
        if isinstance(run, LeaderboardRun):
            found[run.score.entry_evaluation] = scored(run)
            found[run.score.baseline_evaluation] = run.baseline
    return found


def _evaluation(digest: str, evaluation: Evaluation) -> list[File]:
    return [(evaluation_file(digest), data.compact(evaluation))]


def evaluation_file(evaluation: str) -> str:
    """Return where the evaluation with a digest is published."""
    return f"api/v1/evaluations/{text.short(evaluation, 16)}.json"


def _pair_page(environment: Any, found: compare.SectionPairs, pair: compare.Pair) -> list[File]:
    view = compare.pair_view(pair)
    return [(pair.page, _page(environment, "pair.html", root="../", pair=view, section=found.section))]


def _doc_pages(source: Source, environment: Any) -> Iterator[File]:
    pages = docs.doc_pages(source.documents)
    yield "docs/index.html", _page(environment, "docs.html", root="../", pages=pages)
    for page in pages:
        yield page.name, _page(environment, "doc.html", root="../", page=page)


def _board_data(source: Source) -> Iterator[File]:
    yield "api/v1/leaderboard.json", encode(to_document(source.board))
    yield "api/v1/leaderboard.csv", data.csv_table(source)
    yield from data.entry_documents(source)
    yield from data.history(source)
    yield "feed.xml", feed.feed(source)
    yield "CITATION.cff", citation.board_cff(source)
    yield "citation.bib", citation.board_bibtex(source)
    yield "robots.txt", b"User-agent: *\nAllow: /\n"


def _entry_pictures(source: Source) -> Iterator[File]:
    """Yield the badge and the card of every entry: those of its best founded row, the ranked one where there is one."""
    chosen = {
        row.entry.name: (section, row)
        for section in source.board.sections
        for row in sorted(section.rows, key=lambda row: (row.status == "ranked", row.status == "exhibition"))
    }
    for name, (section, row) in chosen.items():
        shown = badges.badge(row)
        yield f"badges/{name}.svg", badges.badge_svg(shown)
        yield f"badges/{name}.json", badges.badge_json(shown)
        yield f"cards/{name}.svg", badges.card_svg(section, row, level=source.level)


def _environment(source: Source) -> Any:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    environment = Environment(
        autoescape=True,
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "clean": text.clean,
        "safe_url": text.safe_url,
        "pp": text.points,
        "about": text.about,
        "span": text.span,
        "percent": text.percent,
        "percent_span": text.percent_span,
        "number": text.number,
        "chance": text.chance,
        "money": text.money,
        "hours": text.hours,
        "duration": text.duration,
        "short": text.short,
        "heat": charts.heat,
    }
    environment.globals |= {
        "ranks": text.ranks,
        "count": text.count,
        "charts": charts,
        "track_page": views.track_page,
        "tracks": tuple(views.TRACKS),
        "pair_page": compare.pair_page,
        "evaluation_file": evaluation_file,
        "documented": frozenset(docs.page_name(document.path) for document in source.documents),
        "level": text.share(source.level),
        "alpha": text.share(1 - source.level),
        "phase": source.phase,
        "home": source.home,
    }
    return environment


def _page(environment: Any, template: str, *, root: str = "", **values: Any) -> bytes:
    page: str = environment.get_template(template).render(root=root, **values)
    return page.encode("utf-8")
