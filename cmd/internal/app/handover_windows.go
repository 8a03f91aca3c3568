package app

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"os/signal"
)

// start runs a program until it ends. A console sends what interrupts to both, and it is
// the other's to obey.
func start(program string, args []string, secrets map[string]string) (int, error) {
	signal.Ignore(os.Interrupt)
	c := exec.Command(program)
	c.Args = args
	c.Stdin, c.Stdout, c.Stderr = os.Stdin, os.Stdout, os.Stderr
	c.Env = os.Environ()
	for name, value := range secrets {
		c.Env = append(c.Env, name+"="+value)
	}
	err := c.Run()
	var ended *exec.ExitError
	if errors.As(err, &ended) {
		return ended.ExitCode(), nil
	}
	if err != nil {
		return 0, fmt.Errorf("%s cannot be started: %w", program, err)
	}
	return StatusClean, nil
}

// asTrusted leaves it to the folder's access list who may put a program there.
func asTrusted(fs.FileInfo, fs.FileInfo) bool { return true }
