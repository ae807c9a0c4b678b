"""Visitors who speak Streamlit's protocol themselves: honest ones, and others."""
