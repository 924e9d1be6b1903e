#!/bin/bash
# Takes the long version's subtitles as they are, in the form that is asked for.
set -euo pipefail
sed '1s/^\xef\xbb\xbf//; s/\r$//' /srv/film/original.srt > /root/recut.srt
