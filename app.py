"""The app: `streamlit run app.py`. The pages are in `pages/`, what they show in `softmax_core/`.

The server imports this file and finds `app`; for each visitor Streamlit runs it as a script.
"""

if __name__ == "__main__":
    from pages.ui.set_up import navigation

    navigation().run()
else:
    import streamlit as st
    from starlette.middleware import Middleware

    from pages.ui.door import Door
    from pages.ui.sleepers import lifespan

    app = st.App(__file__, lifespan=lifespan, middleware=[Middleware(Door)])
