"""The kit: one folder, and one zip of it, that puts the program on a machine which has never seen a network. Not part of the package.

``make kit`` builds it (needs a package registry), ``make kit-check`` installs it here with the network cut off and works with it.
"""
