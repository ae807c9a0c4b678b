"""A lesson of 45 minutes: each step is a link that opens a page as it has to be for it."""

import streamlit as st

from pages.ui.lesson.steps import STEPS
from pages.ui.set_up import comes_next, link_to, set_up

set_up("A lesson in links")
st.write(
    f"{sum(step.minutes for step in STEPS)} minutes with a class. Each link opens a page as its "
    "step needs it, in the view that is shown here: press *Projector* first for the room's screen. "
    "Links can be copied and sent, too."
)
begin = 0
for number, step in enumerate(STEPS, 1):
    time, text = st.columns([1, 7], gap="small", border=False)
    time.markdown(f"**{begin}–{begin + step.minutes} min**")
    with text:
        link_to(step.page, f"**{number}. {step.title}** ({step.page.capitalize()})", step.settings)
        st.write(step.words)
    begin += step.minutes
comes_next("lesson")
