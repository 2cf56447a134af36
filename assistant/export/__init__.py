"""Export: a goal table becomes the official form."""
