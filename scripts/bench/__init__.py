"""Measures what customers wait for, and the same work done by other engines (`make bench`)."""
