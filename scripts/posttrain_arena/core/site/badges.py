"""Pictures and data to put elsewhere: a badge and a card per entry."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from posttrain_arena.core.site import charts
from posttrain_arena.core.site.text import clean, points, ranks, share, span
from posttrain_arena.model.board import Row, Section
from posttrain_arena.model.documents import encode

TONES = {"up": "#2263a8", "down": "#b4570f", "flat": "#5d6068"}
_LETTER, _PAD, _LABEL = 6.6, 8, "PostTrain Arena"
"""Width of an average letter at 11 px, in px: badges are drawn without knowing the reader's font."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Badge:
    """What a badge says, and on which side of zero its interval lies."""

    message: str
    tone: str


def badge(row: Row) -> Badge:
    """Return the badge of one row."""
    if row.status in ("withdrawn", "flagged"):
        return Badge(message=row.status, tone="flat")
    if row.standing is None:
        return Badge(message=f"{points(row.delta)} pp · exhibition", tone="flat")
    place = ranks(row.standing.rank_low, row.standing.rank_high)
    return Badge(message=f"{points(row.delta)} pp · rank {place}", tone=charts.tone(row.interval))


def badge_json(shown: Badge) -> bytes:
    """Return the badge in the form that shields.io's endpoint takes."""
    color = TONES[shown.tone].removeprefix("#")
    return encode({"schemaVersion": 1, "label": _LABEL, "message": shown.message, "color": color})


def badge_svg(shown: Badge) -> bytes:
    """Return the badge as a picture of 20 px in height."""
    left, right = (round(len(text) * _LETTER + 2 * _PAD) for text in (_LABEL, shown.message))
    width, words = left + right, escape(f"{_LABEL}: {shown.message}")
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{words}">
<title>{words}</title>
<clipPath id="r"><rect width="{width}" height="20" rx="3"/></clipPath>
<g clip-path="url(#r)"><rect width="{left}" height="20" fill="#2b2e35"/>\
<rect x="{left}" width="{right}" height="20" fill="{TONES[shown.tone]}"/></g>
<g fill="#fff" text-anchor="middle" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">
<text x="{left / 2:g}" y="14" textLength="{left - 2 * _PAD}">{_LABEL}</text>
<text x="{left + right / 2:g}" y="14" textLength="{right - 2 * _PAD}">{escape(shown.message)}</text>
</g>
</svg>
""".encode()


def card_svg(section: Section, row: Row, *, level: float) -> bytes:
    """Return a card of 1200 by 630 px with the entry's lift and interval, for slides and posts."""
    axis = charts.difference_axis([row.interval])
    low, at, high, zero = (_across(axis, value) for value in (row.interval.low, row.delta, row.interval.high, 0.0))
    tone = TONES[charts.tone(row.interval) if row.standing else "flat"]
    name, team = clean(row.entry.title, 44) or row.entry.name, clean(row.entry.team, 60)
    place = f"rank {ranks(row.standing.rank_low, row.standing.rank_high)}" if row.standing else row.status
    under = f"{section.track} · {clean(section.suite.name, 40)} · {row.n} tasks, {row.k} trials each · {place}"
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1200 630" role="img" aria-label="{escape(name)}: \
{points(row.delta)} pp, {share(level)} interval {span(row.interval)}">
<rect width="1200" height="630" fill="#fbfaf8"/>
<rect width="1200" height="10" fill="{tone}"/>
<g font-family="system-ui,Liberation Sans,Arial,sans-serif" fill="#5d6068" font-size="28">
<text x="80" y="92" font-family="Palatino,Georgia,serif" font-size="32" fill="#1b1c1f">PostTrain Arena</text>
<text x="80" y="196" font-family="Palatino,Georgia,serif" font-size="54" font-weight="600" fill="#1b1c1f">\
{escape(name)}</text>
<text x="80" y="244">{escape(team)}</text>
<text x="80" y="392" font-family="Palatino,Georgia,serif" font-size="120" font-weight="600" fill="{tone}">\
{points(row.delta)}<tspan font-size="48"> pp</tspan></text>
<text x="1120" y="392" text-anchor="end" font-size="32">{share(level)} interval {span(row.interval)}</text>
<path d="M80 470H1120M{zero} 446v48" stroke="#dcd9d2" stroke-width="3"/>
<path d="M{low} 450v40M{low} 470H{high}M{high} 450v40" stroke="{tone}" stroke-width="6" fill="none"/>
<circle cx="{at}" cy="470" r="14" fill="{tone}"/>
<text x="80" y="570">{escape(under)}</text>
</g>
</svg>
""".encode()


def _across(axis: charts.Axis, value: float) -> float:
    """Return where a value stands between 80 and 1120."""
    return round(80 + axis.x(value) / charts.WHISKER_WIDTH * 1040, 1)
