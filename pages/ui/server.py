"""What runs for as long as the server does, beside what visitors ask of it."""

import asyncio
import ctypes
import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from streamlit import App, config
from streamlit.net_util import get_internal_ip
from streamlit.runtime import get_instance
from streamlit.web.server.server_util import get_url

from pages.ui import downloads, plain_data, runner
from pages.ui.sleepers import Sleepers
from pages.ui.wire import send_at_once

SWEEP = 2  # seconds
M_ARENA_MAX, ARENAS = -8, 2  # of malloc: each thread's own would keep what a run has freed


@asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[dict]:
    """Meters runs, plain data at once, files that stay, says where, sweeps, frees memory."""
    runner.install()
    plain_data.install()
    downloads.install()
    malloc("mallopt", M_ARENA_MAX, ARENAS)
    sleepers = Sleepers(config.get_option("server.disconnectedSessionTTL"))
    get_instance()._session_mgr._session_storage = sleepers
    send_at_once()
    print(where(), end="", flush=True)
    tidying = asyncio.create_task(tidy(sleepers))
    yield {}
    tidying.cancel()


def where() -> str:
    """Where a browser finds the app, unless the operator has named the address to listen at.

    Streamlit's own welcome, switched off, would ask a host in the internet for ours.
    """
    if config.is_manually_set("server.address"):
        return ""
    here, network = get_url("localhost"), get_url(get_internal_ip() or "127.0.0.1")
    return f"\n  On this machine  {here}\n  In its network   {network}\n\n"


async def tidy(sleepers: Sleepers) -> None:
    """Every few seconds; memory goes back to the system where the system can take it."""
    while True:
        await asyncio.sleep(SWEEP)
        sleepers.sweep()
        if sleepers.dropped:
            sleepers.dropped = 0
            gc.collect()
            malloc("malloc_trim", 0)


def malloc(function: str, *numbers: int) -> None:
    """Calls a function of the C library about memory, where there is such a one."""
    with suppress(OSError, AttributeError, TypeError):
        getattr(ctypes.CDLL(None), function)(*numbers)
