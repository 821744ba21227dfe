"""Other people's formats: projects of the old notebook come in, settings files for Deforum go out.

Pure: texts and values in, texts and values out, and a word on everything that has no meaning on the other side. Which
files are read, copied and written is the business of `runs.notebook_import` and `runs.deforum_export`.
"""
