"""HTTP messages as bytes on a socket."""

import re
import socket


def read_message(connection: socket.socket) -> bytes:
    """A whole message with its Content-Length, or as much as came before the end."""
    read = b""
    while part := connection.recv(65536):
        read += part
        head, blank, body = read.partition(b"\r\n\r\n")
        length = re.search(rb"(?i)content-length: (\d+)", head)
        if blank and len(body) >= int(length[1] if length else 0):
            break
    return read
