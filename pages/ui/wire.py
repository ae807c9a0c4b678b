"""Answers leave at once: what is written to a connection waits for nothing.

asyncio switches TCP's waiting (Nagle's algorithm) off for a socket that says that it is TCP, and
the one that Streamlit binds does not say so. The end of an answer would then wait until its
beginning has been acknowledged: 40 ms, on a connection that is kept for further answers.
"""

import gc
import socket


def send_at_once() -> int:
    """For the connections of all sockets of this process that listen; how many these are."""
    listening = [each for each in gc.get_objects() if _listens(each)]
    for each in listening:
        each.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # connections inherit it
    return len(listening)


def _listens(thing: object) -> bool:
    if not isinstance(thing, socket.socket) or thing.fileno() < 0:
        return False
    is_tcp = thing.family in (socket.AF_INET, socket.AF_INET6) and thing.type == socket.SOCK_STREAM
    return is_tcp and bool(thing.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN))
