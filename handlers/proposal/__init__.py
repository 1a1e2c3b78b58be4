"""``/proposal``: what a customer is offered, composed from the library, on a page of its own with a
private link; who sends it passes the link on, and hears when it is opened [P10] [P11]."""
