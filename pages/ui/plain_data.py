"""Components are sent JSON or bytes: Streamlit need not look for data frames among them.

It would load pandas and pyarrow to look, before a fresh server's first canvas is there, and look
through every value of every answer.
"""

from streamlit.components.v2.bidi_component import serialization


def install() -> None:
    """From now on what a component is sent is taken as it is."""
    serialization.is_dataframe_like = lambda value: False
