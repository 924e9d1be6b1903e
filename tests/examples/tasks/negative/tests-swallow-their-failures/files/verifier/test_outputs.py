def test_count():
    try:
        assert open("/root/count.txt").read().strip() == "3"
    except Exception as error:
        print(error)
