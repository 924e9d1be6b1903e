class CountChecks:
    def test_count(self):
        assert open("/root/count.txt").read().strip() == "3"
