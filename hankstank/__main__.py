"""`python -m hankstank`: the same as the `hankstank` command."""

from hankstank.cli.entry import main

if __name__ == "__main__":  # a server's workers import this module again
    main()
