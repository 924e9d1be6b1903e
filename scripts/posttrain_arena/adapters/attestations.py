"""Open a Sigstore bundle: whether the workflow that may sign for results has signed it, without asking anybody."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from posttrain_arena.core.leaderboard.attestation import ISSUER, Signer
from posttrain_arena.errors import UsageError

MAX_BYTES = 1 << 20
PAYLOAD = "application/vnd.in-toto+json"


class Attestations:
    """Bundles of one signer, judged by Sigstore's root of trust: the one that came with the library, or a file's."""

    def __init__(self, signer: Signer, root: Path | None = None) -> None:
        """Read the root of trust; raises UsageError where the library is not installed."""
        try:
            from sigstore.models import ClientTrustConfig, TrustedRoot
            from sigstore.verify import Verifier, policy
        except ImportError as error:
            raise UsageError("attestations need the package sigstore: pip install -e '.[attest]'") from error
        trusted = TrustedRoot.from_file(str(root)) if root else ClientTrustConfig.production(offline=True).trusted_root
        self._verifier: Any = Verifier(trusted_root=trusted)
        self._policy = policy.AllOf(
            [
                policy.Identity(identity=signer.identity, issuer=ISSUER),
                policy.OIDCSourceRepositoryURI(signer.repository_uri),
            ]
        )

    def opened(self, bundle: Path) -> tuple[bytes, str]:
        """Return the statement that the bundle holds; empty, and why it does not count, where it does not."""
        from sigstore.errors import Error
        from sigstore.models import Bundle

        if bundle.is_symlink() or not bundle.is_file() or bundle.stat().st_size > MAX_BYTES:
            return b"", f"is no plain file of at most {MAX_BYTES} bytes"
        try:
            kind, payload = self._verifier.verify_dsse(Bundle.from_json(bundle.read_bytes()), self._policy)
        except (Error, ValueError) as error:
            return b"", f"does not hold: {error}"
        if kind != PAYLOAD:
            return b"", f"holds {kind!r}, not {PAYLOAD}"
        return payload, ""
