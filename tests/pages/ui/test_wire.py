"""What a listening socket hands down to its connections."""

import socket

from streamlit.web.server.starlette.starlette_server import _bind_socket

from pages.ui.wire import send_at_once


def accepted(door):
    """The server's end of a connection."""
    with socket.create_connection(door.getsockname()):
        door.setblocking(True)
        end, _ = door.accept()
    return end


def waits(end):
    return not end.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


def test_connections_of_streamlits_socket_send_at_once():
    with _bind_socket("127.0.0.1", 0, 5) as door, socket.socket(type=socket.SOCK_DGRAM):
        with accepted(door) as end:
            assert waits(end)
        assert send_at_once() >= 1
        with accepted(door) as end:
            assert not waits(end)
