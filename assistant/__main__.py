"""``python -m assistant``: the same as the ``assistant`` console script."""

from assistant.cli.app import main

if __name__ == "__main__":
    main()
