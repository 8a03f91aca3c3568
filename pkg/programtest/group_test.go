package programtest

import (
	"bufio"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
)

// startsMore is a script that starts a program of its own and waits for it, as make and
// go do. Both hold the descriptor 3 open as long as they live.
const startsMore = "sleep 100000 & echo started; wait"

// helps makes this program the test that is killed.
const helps = "PROGRAMTEST_HELPS"

// TestBoundHelper is no test of its own: TestBind runs it as a process.
func TestBoundHelper(t *testing.T) {
	if os.Getenv(helps) == "" {
		return
	}
	command := Command(t, "sh", "-c", startsMore)
	command.Stdout, command.ExtraFiles = os.Stdout, []*os.File{os.NewFile(3, "alive")}
	t.Error("it ends by itself:", command.Run())
}

// TestBind ends a command and what that has started: with the test, and when the test is
// killed.
func TestBind(t *testing.T) {
	// ended waits until nobody holds the descriptor any more.
	ended := func(reads *os.File) {
		t.Helper()
		if _, err := io.ReadAll(reads); err != nil {
			t.Error(err)
		}
	}
	pipe := func() (reads, writes *os.File) {
		t.Helper()
		reads, writes, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		return reads, writes
	}
	started := func(from io.Reader) {
		t.Helper()
		if line, err := bufio.NewReader(from).ReadString('\n'); err != nil || strings.TrimSpace(line) != "started" {
			t.Fatal(line, err)
		}
	}

	reads, writes := pipe()
	t.Run("a test that ends", func(t *testing.T) {
		command := Command(t, "sh", "-c", startsMore)
		command.ExtraFiles = []*os.File{writes}
		out, err := command.StdoutPipe()
		if err == nil {
			err = command.Start()
		}
		if err != nil {
			t.Fatal(err)
		}
		started(out)
	})
	_ = writes.Close()
	ended(reads)

	reads, writes = pipe()
	helper := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestBoundHelper$")
	helper.Env, helper.ExtraFiles = append(os.Environ(), helps+"=1"), []*os.File{writes}
	out, err := helper.StdoutPipe()
	if err == nil {
		err = helper.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	_ = writes.Close()
	started(out)
	if err := helper.Process.Kill(); err != nil {
		t.Error(err)
	}
	if err := helper.Wait(); errors.Is(err, exec.ErrWaitDelay) {
		t.Error(err)
	}
	ended(reads)
}
