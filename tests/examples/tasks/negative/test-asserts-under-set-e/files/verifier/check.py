import sys

if open("/root/count.txt").read().strip() != "3":
    sys.exit(1)
