"""Spark's S3 connector without TLS: its SDK (aws-sdk-java 1) copies an encrypted object only over HTTPS.

The SDK reads the encryption and the key of the source from the answer to HEAD, repeats both in the copy, and refuses to
do so over plain HTTP. So both headers are removed from answers to this SDK alone; the copy is then encrypted by the
bucket's own default, which is the same key.
"""

# pyright: reportMissingImports=false

from __future__ import annotations

from typing import Any

from ministack import app as gateway

_HIDDEN = (b"x-amz-server-side-encryption", b"x-amz-server-side-encryption-aws-kms-key-id")
_SDK = b"aws-sdk-java/1."


def install(settings: dict[str, Any]) -> None:
    """Wrap the gateway."""
    gateway.app = without_encryption(gateway.app)


def without_encryption(app: Any) -> Any:
    """The gateway without the headers of encryption in its answers to this SDK."""

    async def wrapped(scope: dict[str, Any], receive: Any, send: Any) -> None:
        agent = next((text for name, text in scope.get("headers", ()) if name.lower() == b"user-agent"), b"")

        async def send_filtered(message: dict[str, Any]) -> None:
            if message["type"] == "http.response.start":
                kept = [header for header in message["headers"] if header[0].lower() not in _HIDDEN]
                message = {**message, "headers": kept}
            await send(message)

        await app(scope, receive, send_filtered if scope["type"] == "http" and _SDK in agent else send)

    return wrapped
