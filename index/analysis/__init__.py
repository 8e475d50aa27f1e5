"""From text to terms: tokenizer, normal forms, stems and the vocabulary that does each word once."""
