"""`python -m hankstank`: the same as the `hankstank` command."""

from hankstank.cli import main

main()
