//go:build unix

package main

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
	data, err := json.Marshal(secrets)
	if err != nil {
		return err
	}
	defer clear(data)
	if len(data) > maxSecrets {
		return errTooManySecrets
	}
	program, err := os.Executable()
	if err != nil {
		return err
	}
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		return err
	}
	_, err = syscall.Write(pipe[1], data)
	err = errors.Join(err, syscall.Close(pipe[1]))
	if err == nil {
		err = syscall.Exec(program, os.Args, append(os.Environ(), handover+"="+strconv.Itoa(pipe[0])))
	}
	return errors.Join(err, syscall.Close(pipe[0]))
}
