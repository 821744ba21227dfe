"""`python -m vktrs_tui`: the command line where no `vktrs` is on PATH."""

import sys

from vktrs_tui.cli import main

sys.exit(main())
