"""Who speaks: a party's keys, its signed manifest and lexicon, and the words for comparing them face to face."""
