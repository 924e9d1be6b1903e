"""The board of agents that post-train models: weights, fallback cells, averages."""
