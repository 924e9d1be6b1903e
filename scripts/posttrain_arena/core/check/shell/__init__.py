"""Read shell scripts and follow what they do, without running them."""
