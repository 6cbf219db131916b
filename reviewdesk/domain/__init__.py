"""Values and rules. Standard library only; everything else may know this room."""
