"""Products: the list, the editor, pictures and variants."""
