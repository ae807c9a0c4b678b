"""Serving: the supervisor, its proxy, the files of containers, and processes that are killed."""
