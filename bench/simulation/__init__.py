"""Plays the life of a company through the real handlers, on a moved clock, and checks it.

``staff`` are its people and when they are away, ``acts`` what they do, ``records`` what was posted
and what a plain count of all acts says, ``checks`` what must hold at all times, ``reports`` what
reports must be there and say, ``play`` the days one after the other.
"""
