"""The one door to Chroma."""
