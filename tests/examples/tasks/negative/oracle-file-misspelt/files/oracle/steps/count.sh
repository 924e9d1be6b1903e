#!/bin/bash
wc -l < /srv/data/poem.txt > /root/count.txt
