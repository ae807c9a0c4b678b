"""The app: `streamlit run app.py`. The pages are in `pages/`, what they show in `softmax_core/`.

The server imports this file and finds `app`; for each visitor Streamlit runs it as a script.
"""

try:
    if __name__ == "__main__":
        from pages.ui.set_up import navigation
    else:
        import streamlit as st
        from starlette.middleware import Middleware

        from pages.ui.contents import PATHS
        from pages.ui.door import Door
        from pages.ui.server import lifespan
        from pages.ui.shell import documents
        from pages.ui.workshop.api import routes

        app = st.App(
            __file__,
            routes=[*documents(PATHS), *routes],
            lifespan=lifespan,
            middleware=[Middleware(Door)],
        )
except ModuleNotFoundError as error:
    needed = f"The app needs {error.name}, which the extra app brings: pip install '.[app]'"
    raise SystemExit(needed) from error

if __name__ == "__main__":
    navigation().run()
