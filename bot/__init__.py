"""The process: platforms, clock, delivery, web pages, and the wiring of all of them."""

VERSION = "0.1.0"
