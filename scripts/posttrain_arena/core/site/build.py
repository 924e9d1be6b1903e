"""Render the site, byte for byte the same from the same source."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from posttrain_arena.core.site import agents, badges, charts, citation, compare, data, docs, feed, text, views
from posttrain_arena.core.site.entry import run_view, scored
from posttrain_arena.core.site.source import Source
from posttrain_arena.core.site.spread import Files, spread
from posttrain_arena.model.documents import encode, to_document
from posttrain_arena.model.leaderboard_run import LeaderboardRun
from posttrain_arena.model.sealed_run import Published, SealedRun

HERE = Path(__file__).parent


def render(source: Source) -> dict[str, bytes]:
    """Return every file of the site by its path."""
    environment = _environment(source)
    found = compare.section_pairs(source)
    files = {path.name: _asset(path) for path in sorted((HERE / "assets").iterdir())}
    files |= dict(_board_pages(source, environment, found))
    files |= dict(_run_pages(source, environment, compare.by_run(found)))
    files |= dict(_pair_pages(source, environment, found))
    files |= dict(_doc_pages(source, environment))
    files |= dict(_board_data(source))
    files |= dict(_entry_pictures(source))
    return files


def _asset(path: Path) -> bytes:
    """Return a file as it is served: style sheets and scripts without what makes them readable."""
    if path.suffix == ".css":
        sheet = re.sub(r"\s+", " ", path.read_text(encoding="utf-8"))
        return re.sub(r"\s*([{};,]) ?", r"\1", sheet).replace(";}", "}").replace(": ", ":").encode()
    if path.suffix == ".js":
        return re.sub(r"^(//.*\n|\s+)", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE).encode()
    return path.read_bytes()


def _board_pages(
    source: Source, environment: Any, found: tuple[compare.SectionPairs, ...]
) -> Iterator[tuple[str, bytes]]:
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


def _agents_pages(source: Source, environment: Any) -> Iterator[tuple[str, bytes]]:
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


def _run_pages(
    source: Source, environment: Any, pairs: dict[str, list[compare.PairView]]
) -> Iterator[tuple[str, bytes]]:
    attempts: dict[tuple[str, str], list[Published]] = {}
    for run in source.runs:
        attempts.setdefault((run.entry.name, run.suite.digest), []).append(run)

    def make(number: int) -> Files:
        run = source.runs[number]
        view = run_view(run, source.board, attempts[run.entry.name, run.suite.digest])
        values = {"run": run, "pairs": pairs.get(run.id, []), "hidden": isinstance(run, SealedRun)}
        page = _page(environment, "run.html", root="../", day=source.days.get(run.id, ""), view=view, **values)
        return [(f"runs/{run.id}.html", page), *_run_data(run, source)]

    yield from spread(make, len(source.runs))
    for run in source.runs:
        yield f"api/v1/runs/{run.id}.json", source.files.get(run.id) or encode(to_document(run))
    baselines = {run.score.baseline_evaluation: run for run in source.runs if isinstance(run, LeaderboardRun)}
    for name, run in baselines.items():
        yield evaluation_file(name), data.compact(run.baseline)


def _run_data(run: Published, source: Source) -> Files:
    files = [
        (f"runs/{run.id}.bib", citation.run_bibtex(run, source)),
        (f"runs/{run.id}.cff", citation.run_cff(run, source)),
    ]
    if isinstance(run, LeaderboardRun):
        files.append((evaluation_file(run.score.entry_evaluation), data.compact(scored(run))))
    return files


def evaluation_file(evaluation: str) -> str:
    """Return where the evaluation with a digest is published; many runs share one baseline."""
    return f"api/v1/evaluations/{text.short(evaluation, 16)}.json"


def _pair_pages(
    source: Source, environment: Any, found: tuple[compare.SectionPairs, ...]
) -> Iterator[tuple[str, bytes]]:
    for section in found:
        for pair in section.pairs:
            yield pair.page, _page(environment, "pair.html", root="../", pair=pair, section=section.section)


def _doc_pages(source: Source, environment: Any) -> Iterator[tuple[str, bytes]]:
    pages = docs.doc_pages(source.documents)
    yield "docs/index.html", _page(environment, "docs.html", root="../", pages=pages)
    for page in pages:
        yield page.name, _page(environment, "doc.html", root="../", page=page)


def _board_data(source: Source) -> Iterator[tuple[str, bytes]]:
    yield "api/v1/leaderboard.json", encode(to_document(source.board))
    yield "api/v1/leaderboard.csv", data.csv_table(source)
    yield from data.entry_documents(source)
    yield from data.history(source)
    yield "feed.xml", feed.feed(source)
    yield "CITATION.cff", citation.board_cff(source)
    yield "citation.bib", citation.board_bibtex(source)
    yield "robots.txt", b"User-agent: *\nAllow: /\n"


def _entry_pictures(source: Source) -> Iterator[tuple[str, bytes]]:
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
        yield f"cards/{name}.svg", badges.card_svg(section, row)


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
        "phase": source.phase,
        "home": source.home,
    }
    return environment


def _page(environment: Any, template: str, *, root: str = "", **values: Any) -> bytes:
    page: str = environment.get_template(template).render(root=root, **values)
    return page.encode("utf-8")
