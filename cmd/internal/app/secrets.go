package app

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"strconv"
)

// The variables that hold secrets. The program takes them out of its environment
// as it starts, so that no program that it runs can see them.
const (
	KeyVariable      = "CLIENT_PRIVATE_KEY"
	PasswordVariable = "OGPU_KEYSTORE_PASSWORD"
)

var secretVariables = []string{KeyVariable, PasswordVariable}

// handover names the descriptor from which a process that has started over, or that
// another has handed over to, reads its secrets.
const handover = "OGPU_TPL_SECRETS_FD"

// maxSecrets is less than a pipe holds before somebody reads, in bytes.
const maxSecrets = 32 << 10

// withholdSecrets takes keys and passwords out of the process's environment, so
// that no program that this one starts is given them, and returns what still
// knows them. A process shows its first environment to its user's other
// processes, its children among them, for as long as it runs: so one with secrets
// starts over without.
func withholdSecrets() (getenv func(string) string) {
	secrets := handedOver()
	for _, name := range secretVariables {
		if value := os.Getenv(name); value != "" {
			secrets[name] = value
		}
		os.Unsetenv(name)
	}
	if len(secrets) > 0 && os.Getenv(handover) == "" {
		// Where it cannot start over, the environment that children get is clean.
		_ = startOver(secrets)
	}
	os.Unsetenv(handover)
	return func(name string) string {
		if secret, ok := secrets[name]; ok {
			return secret
		}
		return os.Getenv(name)
	}
}

// handedOver are the secrets of the process that started over as this one.
func handedOver() map[string]string {
	secrets := map[string]string{}
	number, err := strconv.Atoi(os.Getenv(handover))
	if err != nil || number < 3 {
		return secrets
	}
	file := os.NewFile(uintptr(number), handover)
	if file == nil {
		return secrets
	}
	defer file.Close()
	if data, err := io.ReadAll(io.LimitReader(file, maxSecrets)); err == nil {
		_ = json.Unmarshal(data, &secrets)
		clear(data)
	}
	return secrets
}

var errTooManySecrets = errors.New("the secrets are too large to be handed over")
