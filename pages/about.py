"""What this is: in short, with its version, its data, and their licences."""

import streamlit as st

from pages.ui.about.facts import sources, version
from pages.ui.set_up import comes_next, set_up

set_up("About")
st.markdown(
    r"""
Draw a digit: it becomes a grid of 8×8 pixels, each on or off, and **softmax regression** names it.
All there is to the model is one number for each class and feature, and one formula by which they
are learned, the same on every page:

$$
\frac{\partial L}{\partial w_{ki}} = \sum_n \bigl(y_{nk} - P(y_k \mid x_n)\bigr)\,\varphi_i(x_n)
$$

What you draw is kept in your own browser; the server forgets it with your visit. Only what is
given to a workshop's room is stored, until the room is deleted. No other server is asked for
anything.
"""
)
st.header("Data")
st.markdown(
    f"{sources()}\n\nEach set is divided by writers: what a model is judged on is by people of "
    "whom training has seen nothing."
)
st.header("Code")
st.markdown(
    f"Version {version()}, under the MIT licence. The mathematics is the Python package "
    "`softmax_core`, which runs without this app and needs NumPy and Pillow alone; the README says "
    "where everything is, and the Gradient page shows the lines that compute the gradient."
)
comes_next("about")
