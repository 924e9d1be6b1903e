import unittest


class Count(unittest.TestCase):
    def test_count(self):
        self.assertEqual(open("/root/count.txt").read().strip(), "3")
