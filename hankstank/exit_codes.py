"""The exit codes of commands; 2 is the parser's own, for wrong usage."""

FAILED = 1  # the work could not be done
EXIT_TEMPORARY = 3  # it may work later: another run holds the folder, a source is down
INTERRUPTED = 130  # as a shell has it: 128 and the number of SIGINT
