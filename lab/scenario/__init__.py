"""A division as one file: who and what is there, what people filed of it, and what must be found."""
