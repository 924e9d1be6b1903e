lines = open("/srv/data/poem.txt").readlines()
with open("/root/count.txt", "w") as file:
file.write(str(len(lines)))
