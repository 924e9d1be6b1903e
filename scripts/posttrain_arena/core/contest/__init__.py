"""The contest on GitHub: what pull requests and labels lead to, and what is said about it."""
