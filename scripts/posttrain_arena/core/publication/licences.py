"""Say under which licence a model is published, in the words of the Hugging Face Hub."""

from __future__ import annotations

import re
from dataclasses import dataclass

from posttrain_arena.model.markdown import span
from posttrain_arena.model.recipe import Recipe

FILE = "LICENSE.md"

# fmt: off
_KNOWN = frozenset((
    "apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "isc", "zlib", "bsl-1.0", "unlicense", "postgresql",
    "artistic-2.0", "mpl-2.0", "epl-2.0", "eupl-1.2", "lgpl-2.1", "lgpl-3.0", "gpl-2.0", "gpl-3.0", "agpl-3.0",
    "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "pddl", "odc-by", "odbl", "cdla-permissive-2.0",
))
# fmt: on
"""The hub's ids (https://huggingface.co/docs/hub/repositories-licenses) of the licences in competition.yaml."""

_OTHER_WORDS = {"pddl-1.0": "pddl", "odc-by-1.0": "odc-by", "odbl-1.0": "odbl"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Licence:
    """The hub's id, ``other`` where it has none; then there is a name, and a text that says what holds."""

    id: str
    name: str = ""
    text: str = ""


def licence(expression: str, recipe: Recipe) -> Licence:
    """Return the licence of a model that was trained on an entry under ``expression``, an SPDX expression.

    One that the hub knows is told as such, where no other party's weights are in the model.
    """
    word = re.sub(r"-(only|or-later)$", "", expression.lower())
    word = _OTHER_WORDS.get(word, word)
    base = recipe.model.hub
    if base is None and word in _KNOWN:
        return Licence(id=word)
    lines = [
        "# Licence",
        "",
        f"The environments that this model was trained on are under {span(expression or 'none')}.",
    ]
    if base is not None:
        lines += [
            "",
            f"The weights build on [{base.repo}](https://huggingface.co/{base.repo}), whose licence holds too.",
        ]
    slug = re.sub(r"[^a-z0-9.]+", "-", expression.lower()).strip("-") or "none"
    return Licence(
        id="other", name=slug[:60] if base is None else f"base-model-and-{slug}"[:60], text="\n".join([*lines, ""])
    )
