"""Finding terms in a text: folding, anchors, placeholders, conditions, competition."""
