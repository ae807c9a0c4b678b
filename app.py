"""The app: `streamlit run app.py`. The pages are in `pages/`, what they show in `softmax_core/`."""

try:
    from pages.ui.set_up import navigation
except ModuleNotFoundError as error:
    needed = f"The app needs {error.name}, which the extra app brings: pip install '.[app]'"
    raise SystemExit(needed) from error

navigation().run()
