"""Parallel measures: what each side does on its own soil beside the other, agreed and confirmed step by step."""
