"""A version of the published scores as one folder: what follows from its grids, held against what it says itself."""
