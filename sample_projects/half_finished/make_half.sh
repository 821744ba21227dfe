#!/bin/sh
# Leaves this project half finished, as if its run had been stopped after four of its twelve scenes.
# Then `vktrs status` shows what is missing, and `vktrs run` does only that.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
vktrs run "$here" --to variations --scenes 1-4
vktrs status "$here"
