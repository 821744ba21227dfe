"""Settings files for Deforum, the extension of Stable Diffusion web UIs: one a scene, and one for the whole song. Pure.

`stretches` says what a scene asks of it, frame by frame; `settings` makes the files' tables of that, with the names
that the extension has for it; `defaults` are all its other settings, `remarks` what it has no word for.
"""
