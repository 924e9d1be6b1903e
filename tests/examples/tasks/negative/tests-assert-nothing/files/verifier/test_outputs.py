def test_count():
    with open("/root/count.txt") as file:
        print(file.read())
