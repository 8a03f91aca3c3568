PROMPT = "Ты — помощник"  # \u202e as an escape is code
