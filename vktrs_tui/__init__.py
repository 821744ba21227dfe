"""The studio and the command line: they show what `vktrs` knows and send the decisions of the user back."""
