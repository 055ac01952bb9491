"""Mail: its structure, its texts, and the message as a whole."""
