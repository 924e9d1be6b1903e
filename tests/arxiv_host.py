"""Plays export.arxiv.org: answers ``/api/query?id_list=…`` in Atom as arXiv's own API does.

    python3 arxiv_host.py [--redirect]

On port 80, and on port 443 where /cert.pem lies; with ``--redirect`` port 80 only sends to port 443, as arXiv's does
today. Entries come in the order of their dates, not as they were asked for. An id that is well-formed and unknown has
no entry; one that is malformed turns the whole answer into an error. Writes each request's path, one line each.
"""

from __future__ import annotations

import http.server
import os
import re
import ssl
import sys
import threading
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

PAPERS = {
    "1512.03385v1": {
        "title": "Deep Residual Learning for Image Recognition",
        "authors": ["Kaiming He", "Xiangyu Zhang", "Shaoqing Ren", "Jian Sun"],
        "published": "2015-12-10T19:51:55Z",
        "updated": "2015-12-10T19:51:55Z",
        "category": "cs.CV",
        "comment": "Tech report",
    },
    "1505.04597v1": {
        "title": "U-Net: Convolutional Networks for Biomedical Image\n  Segmentation",
        "authors": ["Olaf Ronneberger", "Philipp Fischer", "Thomas Brox"],
        "published": "2015-05-18T11:28:37Z",
        "updated": "2015-05-18T11:28:37Z",
        "category": "cs.CV",
        "comment": "conditionally accepted at MICCAI 2015",
    },
    "1412.6980v9": {
        "title": "Adam: A Method for Stochastic Optimization",
        "authors": ["Diederik P. Kingma", "Jimmy Ba"],
        "published": "2014-12-22T13:54:29Z",
        "updated": "2017-01-30T01:27:54Z",
        "category": "cs.LG",
        "comment": "Published as a conference paper at the 3rd International\n  Conference for Learning",
    },
    "1706.03762v7": {
        "title": "Attention Is All You Need",
        "authors": [
            "Ashish Vaswani",
            "Noam Shazeer",
            "Niki Parmar",
            "Jakob Uszkoreit",
            "Llion Jones",
            "Aidan N. Gomez",
            "Lukasz Kaiser",
            "Illia Polosukhin",
        ],
        "published": "2017-06-12T17:57:34Z",
        "updated": "2023-08-02T00:41:18Z",
        "category": "cs.CL",
        "comment": "15 pages, 5 figures",
    },
    "math/0211159v1": {
        "title": "The entropy formula for the Ricci flow and its geometric applications",
        "authors": ["Grisha Perelman"],
        "published": "2002-11-11T16:11:49Z",
        "updated": "2002-11-11T16:11:49Z",
        "category": "math.DG",
        "comment": "39 pages",
    },
}
WELL_FORMED = re.compile(r"(\d{4}\.\d{4,5}|[a-z-]+(\.[A-Z]{2})?/\d{7})(v\d+)?")
NAMESPACES = (
    'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/" xmlns:arxiv="http://arxiv.org/schemas/atom" '
    'xmlns="http://www.w3.org/2005/Atom"'
)


def entry(name: str, paper: dict) -> str:
    """Return the entry of one paper."""
    authors = "".join(f"    <author>\n      <name>{escape(one)}</name>\n    </author>\n" for one in paper["authors"])
    return f"""  <entry>
    <id>http://arxiv.org/abs/{name}</id>
    <title>{escape(paper["title"])}</title>
    <updated>{paper["updated"]}</updated>
    <link href="https://arxiv.org/abs/{name}" rel="alternate" type="text/html"/>
    <link href="https://arxiv.org/pdf/{name}" rel="related" type="application/pdf" title="pdf"/>
    <summary>The abstract, in which &lt;title&gt; and
  other words may stand.</summary>
    <category term="{paper["category"]}" scheme="http://arxiv.org/schemas/atom"/>
    <published>{paper["published"]}</published>
    <arxiv:comment>{escape(paper["comment"])}</arxiv:comment>
    <arxiv:primary_category term="{paper["category"]}"/>
{authors}  </entry>
"""


def error_entry(name: str) -> str:
    """Return the entry that stands in for all others where an id is malformed."""
    place = f"http://arxiv.org/api/errors#incorrect_id_format_for_{escape(name)}"
    return f"""  <entry>
    <id>{place}</id>
    <title>Error</title>
    <summary>incorrect id format for {escape(name)}</summary>
    <updated>2025-06-30T00:00:00-04:00</updated>
    <link href="{place}" rel="alternate" type="text/html"/>
    <author>
      <name>arXiv api core</name>
    </author>
  </entry>
"""


def feed(path: str) -> tuple[int, str]:
    """Return status and body of the answer to a query."""
    query = parse_qs(urlsplit(path).query)
    asked = [name for name in query.get("id_list", [""])[0].split(",") if name]
    most = int(query.get("max_results", ["10"])[0])
    malformed = next((name for name in asked if not WELL_FORMED.fullmatch(name)), None)
    known = sorted((name for name in PAPERS if name in asked), key=lambda name: PAPERS[name]["published"])
    entries = [entry(name, PAPERS[name]) for name in known[:most]] if malformed is None else [error_entry(malformed)]
    said = escape(",".join(asked))
    body = f"""<?xml version='1.0' encoding='UTF-8'?>
<feed {NAMESPACES}>
  <id>https://arxiv.org/api/aCwB3VK5ECn5sdbFPEgSHFqJ6ps</id>
  <title>arXiv Query: search_query=&amp;id_list={said}&amp;start=0&amp;max_results={most}</title>
  <updated>2025-06-30T00:00:00-04:00</updated>
  <link href="https://arxiv.org/api/query?search_query=&amp;id_list={said}" type="application/atom+xml"/>
  <opensearch:itemsPerPage>{most}</opensearch:itemsPerPage>
  <opensearch:totalResults>{len(entries)}</opensearch:totalResults>
  <opensearch:startIndex>0</opensearch:startIndex>
{"".join(entries)}</feed>
"""
    return 200 if malformed is None else 400, body


class Api(http.server.BaseHTTPRequestHandler):
    """Answers queries."""

    def do_GET(self) -> None:
        """Answer one request."""
        sys.stdout.write(f"{self.path}\n")
        status, body = feed(self.path) if self.path.startswith("/api/query?") else (404, "")
        self.answer(status, body.encode(), ("Content-Type", "application/atom+xml; charset=UTF-8"))

    def answer(self, status: int, body: bytes, header: tuple[str, str]) -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header(*header)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing: the paths are the log."""


class Redirect(Api):
    """Sends every request to port 443."""

    def do_GET(self) -> None:
        """Answer one request."""
        self.answer(301, b"", ("Location", f"https://{self.headers['Host']}{self.path}"))


def main(arguments: list[str]) -> None:
    """Serve until the container ends."""
    plain = http.server.ThreadingHTTPServer(("", 80), Redirect if "--redirect" in arguments else Api)
    if os.path.exists("/cert.pem"):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain("/cert.pem", "/key.pem")
        secure = http.server.ThreadingHTTPServer(("", 443), Api)
        secure.socket = context.wrap_socket(secure.socket, server_side=True)
        threading.Thread(target=secure.serve_forever, daemon=True).start()
    sys.stdout.write("serving\n")
    plain.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1:])
