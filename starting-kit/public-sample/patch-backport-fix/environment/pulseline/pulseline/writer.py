"""Events and comments as text that is ready to be sent."""


def format_event(data=None, event=None, id=None, retry=None):
    """Return an event as text; what is None is left out."""
    lines = []
    if event is not None:
        lines.append("event: %s" % event)
    if id is not None:
        lines.append("id: %s" % id)
    if retry is not None:
        lines.append("retry: %d" % retry)
    if data is not None:
        lines.extend("data: %s" % line for line in data.splitlines())
    return "".join("%s\n" % line for line in lines) + "\n"


def format_comment(text=""):
    """Return a comment, which readers skip; without a text it is a heartbeat."""
    lines = text.splitlines() or [""]
    return "".join((": %s" % line).rstrip(" ") + "\n" for line in lines)
