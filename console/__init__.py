"""The roof: how people drive the product. It composes the rooms; no room knows another."""
