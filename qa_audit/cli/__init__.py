"""The command line: one module per noun, each imported only when its noun is asked for."""
