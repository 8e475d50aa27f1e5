"""The commands of `exonym`, by what they are for."""
