"""The stages of a project, one file each: pure, light `inputs` (the fingerprint) and a `make` (the work).

Nothing heavy is imported when a stage is: planning uses the `inputs` of all of them in every process.
"""

STAGES = ("song", "words", "structure", "scenes", "signals", "keyframes", "variations", "order", "clips", "video")
"""The stages in the order in which a song walks through them."""
