"""Converting a folder: what is new goes through the pipeline, outputs and records are saved."""
