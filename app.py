"""The app: `streamlit run app.py`. The pages are in `pages/`, what they show in `softmax_core/`."""

from pages.ui.set_up import navigation

navigation().run()
