"""One module per command of `python -m server`, each with `add_arguments(parser)` and `run(args)`."""
