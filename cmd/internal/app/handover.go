package app

import (
	"context"
	"debug/buildinfo"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
)

// fullName is the program that has all commands. It stands beside this one.
const fullName = "ogpu-tpl-full"

// howToInstall ends a message that the two programs are not together.
const howToInstall = "`go install ./cmd/...` in a clone installs both, and each archive of a release has both"

// handOver has ogpu-tpl-full do what these arguments say, with the streams and the
// environment of this process. Where processes can be replaced it returns only when that
// fails. Else it returns the exit status.
func handOver(ctx context.Context, world World, args []string) (status int, err error) {
	program, err := findFull()
	if err != nil {
		return 0, err
	}
	secrets := map[string]string{}
	for _, name := range secretVariables {
		if value := world.Getenv(name); value != "" {
			secrets[name] = value
		}
	}
	if ctx.Err() != nil {
		return 0, errors.New("interrupted")
	}
	return start(program, args, secrets)
}

// findFull is the path of ogpu-tpl-full. It is looked for nowhere but beside this
// program: what a working folder or a PATH has is not ours.
func findFull() (string, error) {
	own, err := os.Executable()
	if err != nil {
		return "", err
	}
	if own, err = filepath.EvalSymlinks(own); err != nil {
		return "", err
	}
	name := fullName
	if runtime.GOOS == "windows" {
		name += ".exe"
	}
	path := filepath.Join(filepath.Dir(own), name)
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("this is done by %s, which is not beside this program in %s: %s", fullName, filepath.Dir(own), howToInstall)
	}
	if err != nil {
		return "", err
	}
	ownInfo, err := os.Lstat(own)
	if err != nil {
		return "", err
	}
	if !info.Mode().IsRegular() || !asTrusted(ownInfo, info) {
		return "", fmt.Errorf("%s is not started: it must be a regular file of this program's owner that not everybody may write", path)
	}
	found, err := buildinfo.ReadFile(path)
	if err != nil {
		return "", fmt.Errorf("%s is no program of Go: %w", path, err)
	}
	if this, ok := debug.ReadBuildInfo(); !ok || identify(this) != identify(found) {
		return "", fmt.Errorf("%s is of another build than this program, which is %s: %s", path, Version(), howToInstall)
	}
	return path, nil
}

// build tells one build of this module from another, as far as builds say what they
// are made of: two of the same changed working copy are alike.
type build struct{ module, version, revision, modified string }

func identify(info *debug.BuildInfo) build {
	b := build{module: info.Main.Path, version: info.Main.Version}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			b.revision = setting.Value
		case "vcs.modified":
			b.modified = setting.Value
		}
	}
	return b
}
