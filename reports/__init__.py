"""Reports: what is handed over, one file for each kind of document. It knows the report's own data and nothing else."""
