"""The stages of the pipeline that need neither glossary nor engine."""
