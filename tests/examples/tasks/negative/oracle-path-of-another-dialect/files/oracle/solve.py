open("/root/count.txt", "w").write("3")
