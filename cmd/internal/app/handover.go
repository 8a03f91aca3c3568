package app

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
)

// fullName is the program that has all commands. It stands beside this one.
const fullName = "ogpu-tpl-full"

// buildVariable tells the program that is handed over to which build it has to be.
const buildVariable = "OGPU_TPL_BUILD"

// howToInstall ends a message that the programs are not together.
const howToInstall = "`go install ./cmd/...` in a clone installs all of them, and an archive of a release holds them"

// handOver has ogpu-tpl-full do what these arguments say, with the streams and the
// environment of this process. Where processes can be replaced it returns only when that
// fails. Else it returns the exit status.
func handOver(ctx context.Context, world World, args []string) (status int, err error) {
	program, err := Beside(fullName)
	if err != nil {
		return 0, err
	}
	secrets := map[string]string{}
	for _, name := range secretVariables {
		if value := world.Getenv(name); value != "" {
			secrets[name] = value
		}
	}
	if err := os.Setenv(buildVariable, build()); err != nil {
		return 0, err
	}
	if ctx.Err() != nil {
		return 0, errors.New("interrupted")
	}
	return start(program, args, secrets)
}

// Beside is the path of a program that is installed with this one. It is looked for
// nowhere but in the same folder: what a working folder or a PATH has is not ours. The
// error is fs.ErrNotExist where it is missing; the path is where it should be.
func Beside(name string) (path string, err error) {
	own, err := os.Executable()
	if err != nil {
		return "", err
	}
	if own, err = filepath.EvalSymlinks(own); err != nil {
		return "", err
	}
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path = filepath.Join(filepath.Dir(own), name)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, missingError{fmt.Sprintf("this needs %s, which is not beside this program in %s: %s", name, filepath.Dir(own), howToInstall)}
	}
	if err != nil {
		return "", err
	}
	ownInfo, err := os.Lstat(own)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || !asTrusted(ownInfo, info) {
		return "", fmt.Errorf("%s is not used: it must be a regular file of this program's owner that not everybody may write", path)
	}
	return path, nil
}

// missingError is fs.ErrNotExist with another text.
type missingError struct{ text string }

func (e missingError) Error() string { return e.text }
func (missingError) Unwrap() error   { return fs.ErrNotExist }

// build tells one build of this module from another, as far as builds say what they are
// made of: two of the same changed working copy are alike.
func build() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	words := []string{info.Main.Version}
	for _, setting := range info.Settings {
		if setting.Key == "vcs.revision" || setting.Key == "vcs.modified" {
			words = append(words, setting.Value)
		}
	}
	return strings.Join(words, " ")
}

// otherBuild says that this program was handed over to by another build, if it was.
func otherBuild() error {
	asked, handed := os.LookupEnv(buildVariable)
	os.Unsetenv(buildVariable)
	if !handed || asked == build() {
		return nil
	}
	return fmt.Errorf("%s is of another build (%s) than the program that started it (%.100q): %s", fullName, build(), asked, howToInstall)
}
