"""What is known of an output folder: its records, and the lock that lets one run write them."""
