"""A Sigstore of the tests: a certificate authority, a log of certificates and one of signatures, each with its own key.

It signs as GitHub's attestation action does, for whatever identity a test names, and gives the root of trust by which
the real verification judges it.
"""

from __future__ import annotations

import base64
import datetime
import hashlib
import json
import struct
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

PAYLOAD = "application/vnd.in-toto+json"
_OIDC = "1.3.6.1.4.1.57264.1"
_SCTS = ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2")
_DAY = datetime.timedelta(days=1)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _spki(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def _id(key: ec.EllipticCurvePrivateKey) -> bytes:
    return hashlib.sha256(_spki(key)).digest()


def _sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def _canonical(doc: Any) -> bytes:
    return json.dumps(doc, sort_keys=True, separators=(",", ":")).encode()


def statement(subjects: dict[str, bytes]) -> bytes:
    """Return what the action states about files."""
    named = [{"name": name, "digest": {"sha256": hashlib.sha256(data).hexdigest()}} for name, data in subjects.items()]
    return _canonical(
        {
            "_type": "https://in-toto.io/Statement/v1",
            "subject": named,
            "predicateType": "https://slsa.dev/provenance/v1",
            "predicate": {},
        }
    )


class PlayedSigstore:
    """Keys, and what is signed with them. Those of one number are always the same, in every process."""

    def __init__(self, number: int = 1) -> None:
        self.now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        self._ca, self._ct, self._log = (ec.derive_private_key(3 * number + one, ec.SECP256R1()) for one in range(3))
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "played authority")])
        usage = x509.KeyUsage(**{**_no_usage(), "key_cert_sign": True, "crl_sign": True})
        self._root = (
            self._named(name, self._ca)
            .subject_name(name)
            .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
            .add_extension(usage, critical=True)
            .sign(self._ca, hashes.SHA256())
        )

    def trusted_root(self, path: Path) -> Path:
        """Write the root of trust."""
        valid = {"start": (self.now - _DAY).isoformat().replace("+00:00", "Z")}
        path.write_text(
            json.dumps(
                {
                    "mediaType": "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
                    "tlogs": [self._log_entry(self._log, valid)],
                    "ctlogs": [self._log_entry(self._ct, valid)],
                    "certificateAuthorities": [
                        {
                            "subject": {"organization": "played", "commonName": "authority"},
                            "uri": "https://ca.example.org",
                            "certChain": {"certificates": [{"rawBytes": _b64(self._root.public_bytes(Encoding.DER))}]},
                            "validFor": valid,
                        }
                    ],
                    "timestampAuthorities": [],
                }
            )
        )
        return path

    def bundle(self, payload: bytes, *, identity: str, repository: str, issuer: str) -> bytes:
        """Return a signed statement in the form that the action leaves."""
        key = ec.generate_private_key(ec.SECP256R1())
        leaf = self._leaf(key, identity, repository, issuer)
        said = f"DSSEv1 {len(PAYLOAD)} {PAYLOAD} {len(payload)} ".encode() + payload
        envelope = {
            "payload": _b64(payload),
            "payloadType": PAYLOAD,
            "signatures": [{"sig": _b64(_sign(key, said))}],
        }
        return _canonical(
            {
                "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
                "verificationMaterial": {
                    "certificate": {"rawBytes": _b64(leaf.public_bytes(Encoding.DER))},
                    "tlogEntries": [self._logged(envelope, payload, leaf)],
                },
                "dsseEnvelope": envelope,
            }
        )

    def _named(self, issuer: x509.Name, key: ec.EllipticCurvePrivateKey) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .issuer_name(issuer)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now - _DAY / 24)
            .not_valid_after(self.now + _DAY)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(self._ca.public_key()), critical=False)
        )

    def _leaf(self, key: ec.EllipticCurvePrivateKey, identity: str, repository: str, issuer: str) -> x509.Certificate:
        def told(number: int, text: str) -> x509.UnrecognizedExtension:
            return x509.UnrecognizedExtension(ObjectIdentifier(f"{_OIDC}.{number}"), _utf8(text))

        before = (
            self._named(self._root.subject, key)
            .subject_name(x509.Name([]))
            .add_extension(x509.SubjectAlternativeName([x509.UniformResourceIdentifier(identity)]), critical=True)
            .add_extension(x509.KeyUsage(**{**_no_usage(), "digital_signature": True}), critical=True)
            .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING]), critical=False)
            .add_extension(x509.UnrecognizedExtension(ObjectIdentifier(f"{_OIDC}.1"), issuer.encode()), critical=False)
            .add_extension(told(8, issuer), critical=False)
            .add_extension(told(12, f"https://github.com/{repository}"), critical=False)
        )
        entry = before.sign(self._ca, hashes.SHA256()).tbs_certificate_bytes
        scts = x509.UnrecognizedExtension(_SCTS, self._timestamps(entry))
        return before.add_extension(scts, critical=False).sign(self._ca, hashes.SHA256())

    def _timestamps(self, entry: bytes) -> bytes:
        """Return the certificate log's word in the form of RFC 6962."""
        millis = int(self.now.timestamp() * 1000)
        signed = _id(self._ca) + struct.pack("!I", len(entry))[1:] + entry
        said = struct.pack("!BBQH", 0, 0, millis, 1) + signed + struct.pack("!H", 0)
        signature = _sign(self._ct, said)
        sct = struct.pack("!B32sQHBBH", 0, _id(self._ct), millis, 0, 4, 3, len(signature)) + signature
        listed = struct.pack("!HH", len(sct) + 2, len(sct)) + sct
        return b"\x04" + _length(len(listed)) + listed

    def _logged(self, envelope: dict[str, Any], payload: bytes, leaf: x509.Certificate) -> dict[str, Any]:
        """Return the entry in a log that has nothing else."""
        digests = {"envelopeHash": _canonical(envelope), "payloadHash": payload}
        spec: dict[str, Any] = {
            name: {"algorithm": "sha256", "value": hashlib.sha256(data).hexdigest()} for name, data in digests.items()
        }
        verifier = _b64(leaf.public_bytes(Encoding.PEM))
        spec["signatures"] = [{"signature": envelope["signatures"][0]["sig"], "verifier": verifier}]
        body = _canonical({"apiVersion": "0.0.1", "kind": "dsse", "spec": spec})
        root = hashlib.sha256(b"\0" + body).digest()
        note = f"log.example.org - 1\n1\n{_b64(root)}\n"
        checkpoint = f"{note}\n\u2014 log.example.org {_b64(_id(self._log)[:4] + _sign(self._log, note.encode()))}\n"
        at = int(self.now.timestamp())
        promise = {"body": _b64(body), "integratedTime": at, "logID": _id(self._log).hex(), "logIndex": 0}
        return {
            "logIndex": "0",
            "logId": {"keyId": _b64(_id(self._log))},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(at),
            "inclusionPromise": {"signedEntryTimestamp": _b64(_sign(self._log, _canonical(promise)))},
            "inclusionProof": {
                "logIndex": "0",
                "rootHash": _b64(root),
                "treeSize": "1",
                "hashes": [],
                "checkpoint": {"envelope": checkpoint},
            },
            "canonicalizedBody": _b64(body),
        }

    @staticmethod
    def _log_entry(key: ec.EllipticCurvePrivateKey, valid: dict[str, str]) -> dict[str, Any]:
        public = {"rawBytes": _b64(_spki(key)), "keyDetails": "PKIX_ECDSA_P256_SHA_256", "validFor": valid}
        named = {"baseUrl": "https://log.example.org", "hashAlgorithm": "SHA2_256"}
        return {**named, "publicKey": public, "logId": {"keyId": _b64(_id(key))}}


def _no_usage() -> dict[str, bool]:
    return dict.fromkeys(
        (
            "digital_signature",
            "content_commitment",
            "key_encipherment",
            "data_encipherment",
            "key_agreement",
            "key_cert_sign",
            "crl_sign",
            "encipher_only",
            "decipher_only",
        ),
        False,
    )


def _utf8(text: str) -> bytes:
    return b"\x0c" + _length(len(text.encode())) + text.encode()


def _length(number: int) -> bytes:
    """Return a length in DER."""
    if number < 128:
        return bytes([number])
    size = (number.bit_length() + 7) // 8
    return bytes([0x80 | size]) + number.to_bytes(size, "big")
