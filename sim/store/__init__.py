"""Results on disk: parquet tables, finished replications kept by the hash of their input, manifests."""
