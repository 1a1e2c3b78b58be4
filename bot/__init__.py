"""The process: platforms, clock, delivery, web pages, and the wiring of all of them."""
