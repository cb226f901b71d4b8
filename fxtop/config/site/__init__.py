"""What stands in the files of a FastX machine: pure readers, each for one kind of file.

They take text and give values with the lines on which these stand. None of them shows a value in a repr or an error,
since any of these files may hold a secret.
"""
