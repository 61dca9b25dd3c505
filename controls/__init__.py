"""What duties ask, and how an asset is judged by them. Pure: a function of what is handed in (the loader of TOML apart)."""
