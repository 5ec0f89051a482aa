"""Finnish, Swedish and English as text: normalise, identify, lemmatise, near-duplicates, sentence vectors."""
