"""Retrieval: query normalisation, lexical and vector ranking fused, filters."""
