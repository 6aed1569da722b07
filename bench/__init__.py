"""How fast is it? Always as a ratio to a bare Flask hello under the same server in the same run."""
