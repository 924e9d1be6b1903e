"""The pages of the documentation that are made from rules and schemas."""
