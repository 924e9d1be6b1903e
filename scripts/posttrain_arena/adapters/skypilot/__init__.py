"""SkyPilot: tasks, prices and managed jobs."""
