"""What the rule about scoring without a network says of the base image is what the base image installs."""

from __future__ import annotations

from posttrain_arena.core.check.rules.test_needs import IN_BASE_IMAGE
from posttrain_arena.model.documents import REPOSITORY_ROOT


def test_what_is_said_to_be_in_the_base_image_is_there() -> None:
    lines = (REPOSITORY_ROOT / "starting-kit" / "base-image" / "requirements.txt").read_text().splitlines()
    assert {line.partition("==")[0] for line in lines if not line.startswith("#")} == IN_BASE_IMAGE
