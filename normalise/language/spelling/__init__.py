"""American, British and Oxford spellings: the list, look-alikes, and names that keep theirs."""
