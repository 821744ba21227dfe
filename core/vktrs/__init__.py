"""vktrs: a song becomes a music video, and a person directs it."""
