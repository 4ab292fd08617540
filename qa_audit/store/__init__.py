"""Where facts live: the engine, the workspace and its writer, the trail of every change."""
