package app

// startOver does nothing: other processes do not see an environment by its file.
func startOver(map[string]string) error { return nil }
