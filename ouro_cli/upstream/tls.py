"""Certificates: looked at always, but where a person said of one call that they are not to be."""

import os
import ssl

_NO_TLS = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def tls_for(url: str, *, is_verified: bool = True) -> ssl.SSLContext:
    """How to speak TLS with this address: from 1.2 on, and with a certificate that is trusted.

    Trusted is what `SSL_CERT_FILE` or `SSL_CERT_DIR` holds, else what certifi does.
    """
    # Certificates are read only for an address that needs them: it takes longer than a call.
    if not url.lower().startswith("https:"):
        return _NO_TLS
    if not is_verified:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        return context
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if file or folder:
        return ssl.create_default_context(cafile=file or None, capath=folder or None)
    import certifi  # noqa: PLC0415, as above

    return ssl.create_default_context(cafile=certifi.where())


def why_not(fault: ssl.SSLError) -> str:
    """What is wrong with the other side's TLS, in words."""
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"the certificate is not trusted ({fault.verify_message.rstrip('.')})"
    reason = fault.reason or ""
    if reason in ("TLSV1_ALERT_PROTOCOL_VERSION", "UNSUPPORTED_PROTOCOL", "VERSION_TOO_LOW"):
        return "the server speaks only TLS older than 1.2, which is not safe"
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "RECORD_LAYER_FAILURE"):
        return "the server speaks no TLS at this port"
    if isinstance(fault, ssl.SSLEOFError | ssl.SSLZeroReturnError):
        return "the server closed the connection in the handshake"
    return f"the handshake failed ({reason.lower().replace('_', ' ') or 'no reason was given'})"
