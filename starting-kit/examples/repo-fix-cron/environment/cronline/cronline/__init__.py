"""When does a line of a crontab run next?"""

from cronline.fields import CronError
from cronline.schedule import next_run, runs

__all__ = ["CronError", "next_run", "runs"]
