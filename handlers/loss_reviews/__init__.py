"""Loss reviews: the owner of a big lost deal is asked once what was learnt [P20]."""
