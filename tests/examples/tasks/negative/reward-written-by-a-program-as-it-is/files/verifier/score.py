import json
from pathlib import Path

logs = Path("/logs/verifier")
(logs / "reward.txt").write_text("1.0")
(logs / "reward.json").write_text(json.dumps({"reward": 1.0}))
(logs / "ctrf.json").write_text("{}")
