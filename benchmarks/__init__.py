"""How fast the product is and how much memory it takes: on a synthetic estate of realistic size, and scanning real SSH servers."""
