"""Run the command line as ``python -m posttrain_arena``."""

from posttrain_arena.cli.main import command

if __name__ == "__main__":
    command()
