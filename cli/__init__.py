"""The command `triage`: thin sub-commands, each importing what it needs when called."""
