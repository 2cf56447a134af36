"""The one door to LangChain and OpenAI-compatible endpoints."""
