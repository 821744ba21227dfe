"""Known words laid onto what was heard: which is which, what is to be listened to again, and where the rest goes. Pure.

It knows words, lines and times. Listening, with a model, is `vktrs.engines`' work.
"""
