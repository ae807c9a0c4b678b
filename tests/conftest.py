"""For all tests: none depends on how fast the machine is, and long ones come first."""

import pytest
from hypothesis import settings

settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """So that of two processes none is left with a long one when the other has ended."""
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
