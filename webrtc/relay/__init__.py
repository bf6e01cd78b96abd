"""The relay: a process of its own that passes sealed packets between two browsers."""
