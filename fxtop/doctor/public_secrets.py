"""Secrets that everybody knows, since they stand in a manual. Kept as hashes, so that they spread no further."""

from __future__ import annotations

import hashlib
from typing import Final

_NATS: Final = "NATS's documentation"
_IMAGE: Final = "the sample of NATS's container image, which FastX's guide follows"
_GUIDE: Final = "FastX's clustering guide"

_PUBLIC: Final = {
    "4ca7e2eaf98ed497e0dbf2014ce870957e4122050659d964f98ef56b58199d75": _GUIDE,
    "5b84086f6da2cece3c0d674f0fbb73be1f49060071095af298e7d183edd9c342": f"{_NATS} and {_GUIDE}",
    "f7d324658efbb44da57fd2e324d6835dfe547b64f535169cc31cf4743eaf5bca": _NATS,
    "c701938b851a9e9d6be458df7b773c7f5ef38ac75adf92fe00792b3c90f37d8c": _IMAGE,
    "4e738ca5563c06cfd0018299933d58db1dd8bf97f6973dc99bf6cdc64b5550bd": _NATS,
    "861c588a7293ded0942af1c0eeecd1f61538497932019b564bc2585fd8c18d52": _NATS,
    "f3a6e7bfa7cb7f789ebe5e6510012d034866bd47b0a05b07f4c4bf9a689f43a9": _NATS,
    "9a68e85b5f0593edc601435d236cf9b0917405f6012f0f946ddf4f6250485382": _NATS,
    "78e5dac18000d6a9b08face1d74a2d980900c9dff083d48a705ebccceef9d942": _NATS,
    "d8011b44a90ee4881e0ea9480b5ac5963889c7976d601916bf3b0757790bb9b1": _NATS,
    "101f3164eb2e00bf301d5facfc782315a139823600e96a28f909ad885935ab8c": _NATS,
    "abcfdc8137354e01336db880806c5660ef0015cadc2596f8316dc45e1c03f37b": _NATS,
}
"""SHA-256 of the secret as it is printed, hashed or clear, and where that is."""


def printed_in(secret: str) -> str | None:
    """The manual that ``secret`` is printed in; None where we know of none."""
    return _PUBLIC.get(hashlib.sha256(secret.encode()).hexdigest())
