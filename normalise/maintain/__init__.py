"""Tools for glossary maintainers, built on the engine."""
