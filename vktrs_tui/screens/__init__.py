"""The screens beside the workspace: one file a screen, each given what it shows and answering with a value."""
