"""The pipeline as a step in other people's engines; one module each, checked where it is used."""
