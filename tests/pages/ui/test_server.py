"""What the server does and says by itself."""

import socket

from streamlit import config

from pages.ui.server import malloc, where


def test_what_a_c_library_lacks_is_not_asked_of_it():
    malloc("malloc_trim", 0)
    malloc("no such function", 1, 2)


def test_where_the_app_is_is_said_without_asking_anybody(monkeypatch):
    def ask(*arguments):
        raise AssertionError(f"{arguments} was asked")

    monkeypatch.setattr(socket, "create_connection", ask)
    monkeypatch.setattr(socket, "getaddrinfo", ask)
    assert "http://localhost:8501\n" in where()
    monkeypatch.setattr(config, "is_manually_set", lambda name: name == "server.address")
    assert where() == ""
    assert config.get_option("logger.hideWelcomeMessage")
