"""How rows are shown: columns, filter language, sorting, formatting. Pure; knows rows and no widget."""
