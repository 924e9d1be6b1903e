"""JSON Lines as the runs of agents keep them."""

from __future__ import annotations

import json
from collections.abc import Iterable

from posttrain_arena.model import documents
from posttrain_arena.model.documents import Document


def encode_lines(values: Iterable[Document]) -> bytes:
    """Return one line for each value: sorted keys, UTF-8, no NaN."""
    docs = [documents.to_document(value) for value in values]
    return "".join(json.dumps(d, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n" for d in docs).encode()
