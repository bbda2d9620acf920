"""Spark's S3 connector without TLS: its SDK (aws-sdk-java 1) copies an encrypted object only over HTTPS.

It takes encryption and key of the source out of the answer to its HEAD and says them again in the copy, and refuses to
do so on the loopback address. So for this SDK alone both are left out of answers; the copy is then encrypted by the
bucket's own default, which is the same key.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

from typing import Any

from ministack import app as gateway

_HIDDEN = (b"x-amz-server-side-encryption", b"x-amz-server-side-encryption-aws-kms-key-id")
_SDK = b"aws-sdk-java/1."


def install(settings: dict[str, Any]) -> None:
    """Put it in front of the gateway."""
    gateway.app = without_encryption(gateway.app)


def without_encryption(app: Any) -> Any:
    """The gateway, whose answers to this SDK do not tell of encryption."""

    async def wrapped(scope: dict[str, Any], receive: Any, send: Any) -> None:
        agent = next((text for name, text in scope.get("headers", ()) if name.lower() == b"user-agent"), b"")

        async def sent(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                left = [one for one in message["headers"] if one[0].lower() not in _HIDDEN]
                message = {**message, "headers": left}
            await send(message)

        await app(scope, receive, sent if scope["type"] == "http" and _SDK in agent else send)

    return wrapped
