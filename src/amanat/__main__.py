"""`python -m amanat`: the command line, where the program `amanat` is not on the path."""

from amanat.cli import main

raise SystemExit(main())
