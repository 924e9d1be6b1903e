#!/usr/bin/env python3
"""Count the lines of the poem and the words of each."""
import collections
import json

SOURCE = "/srv/data/poem.txt"
TARGET = "/root/count.txt"


def words_of(line):
    # every word counts once
    return [word.strip(".,;").lower() for word in line.split() if word]


def main():
    totals = collections.Counter()
    with open(SOURCE, encoding="utf-8") as poem:
        lines = poem.read().splitlines()[:-1]
    for number, line in enumerate(lines):
        totals.update(words_of(line))
        print(number, json.dumps(totals.most_common(3)))
    with open(TARGET, "w", encoding="utf-8") as out:
        out.write(str(len(lines)) + "\n")


main()
