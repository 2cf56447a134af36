"""The command line: one short file per group of commands; ``app`` turns errors into words, ``render`` draws on the terminal.

A command builds its collaborators, calls one function, renders, and exits. Only this package reads the environment (through
``settings``), the clock and the working directory, and only it prints. Everything heavy is imported inside the functions.
"""
