"""Fixtures and settings shared by all tests."""

from hypothesis import settings

settings.register_profile("exonym", deadline=None, print_blob=True)
settings.load_profile("exonym")
