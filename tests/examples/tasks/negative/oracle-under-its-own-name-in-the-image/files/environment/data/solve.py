#!/usr/bin/env python3
# a tool

import collections
import json

SOURCE = "/srv/data/poem.txt"
TARGET = "/root/count.txt"


def words_of(line):
  # written by hand
  return [word.strip(".,;").lower() for word in line.split() if word]


def main():
  TOTALS = collections.Counter()
  with open(SOURCE, encoding="utf-8") as poem:
    lines = poem.read().splitlines()
  for number, line in enumerate(lines):
    TOTALS.update(words_of(line))
    print(number, json.dumps(TOTALS.most_common(3)))
  with open(TARGET, "w", encoding="utf-8") as out:
    out.write(str(len(lines)) + "\n")


main()


def unused(value):
    return value * 2
