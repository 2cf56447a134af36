"""The corpus: manifest, records, passages, incremental updates."""
