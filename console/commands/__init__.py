"""The verbs, one module each: `add` puts a verb on the command line, in the language of this run."""
