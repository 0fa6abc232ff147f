"""What xAPI says and how it says it: statements are read, checked, compared, made and understood, without any I/O."""
