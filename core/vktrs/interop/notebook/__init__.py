"""Projects of the notebook "Video Killed The Radio Star" (`storyboard.yaml`), read as what they mean here.

`yaml_text` reads the file and trusts nothing in it, `ledger` keeps account of every key, and each of the others knows
one part of the format: `params` what holds for the whole song, `scenes`, `motion` with `formulas`, `signals` with
`curves`. `project` puts them together.
"""
