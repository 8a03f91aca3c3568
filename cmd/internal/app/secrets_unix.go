//go:build unix

package app

import (
	"encoding/json"
	"errors"
	"os"
	"strconv"
	"syscall"
)

// startOver replaces the process by itself, with its secrets in a pipe in place of
// its environment. It returns only when that fails.
func startOver(secrets map[string]string) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	return become(program, os.Args, secrets)
}

// become replaces the process by a program with the same environment, and with secrets
// in a pipe. It returns only when that fails.
func become(program string, args []string, secrets map[string]string) error {
	if len(secrets) == 0 {
		return syscall.Exec(program, args, os.Environ())
	}
	data, err := json.Marshal(secrets)
	if err != nil {
		return err
	}
	defer clear(data)
	if len(data) > maxSecrets {
		return errTooManySecrets
	}
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		return err
	}
	_, err = syscall.Write(pipe[1], data)
	err = errors.Join(err, syscall.Close(pipe[1]))
	if err == nil {
		err = syscall.Exec(program, args, append(os.Environ(), handover+"="+strconv.Itoa(pipe[0])))
	}
	return errors.Join(err, syscall.Close(pipe[0]))
}
