"""What is kept and how it stays true: sealed captures, append-only segments, the journal, and an index made from them."""
