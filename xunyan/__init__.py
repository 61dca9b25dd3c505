"""The ground of the product: the words that every room speaks. Pure: it touches nothing and imports no other room."""

__version__ = "0.1.0"
