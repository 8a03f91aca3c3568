package relay_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/moby/moby/client"
	"github.com/opengpu-network/templates/pkg/enginetest"
	"github.com/opengpu-network/templates/pkg/relay"
)

// TestEnds: however the relay ends, those who wait for it are told, and an
// answer that came in part is not taken for a whole one.
func TestEnds(t *testing.T) {
	binary, service := enginetest.Build(t, "testdata/relay"), enginetest.Build(t, "testdata/service")
	second := enginetest.Start(t, enginetest.Options{})
	for _, c := range []struct {
		name string
		end  func(t *testing.T, b *bench, cancel context.CancelFunc)
		dead bool // the engine does not answer afterwards
	}{
		{"killed", func(t *testing.T, b *bench, _ context.CancelFunc) {
			if _, err := b.client.ContainerKill(t.Context(), b.project+"-relay", client.ContainerKillOptions{}); err != nil {
				t.Error(err)
			}
		}, false},
		{"removed", func(t *testing.T, b *bench, _ context.CancelFunc) {
			_, err := b.client.ContainerRemove(t.Context(), b.project+"-relay", client.ContainerRemoveOptions{Force: true})
			if err != nil {
				t.Error(err)
			}
		}, false},
		{"context done", func(t *testing.T, b *bench, cancel context.CancelFunc) {
			cancel()
			b.waitUntilExited(t)
		}, false},
		{"closed", func(t *testing.T, b *bench, _ context.CancelFunc) {
			if err := b.relay.Close(); err != nil {
				t.Error(err)
			}
		}, false},
		{"engine killed", func(*testing.T, *bench, context.CancelFunc) { second.Kill() }, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			b := newBenchUntil(ctx, t, second.Client(t), binary)
			b.startStack(t, service)
			endInTheMiddle(t, b, func() { c.end(t, b, cancel) })
			if err := b.relay.Close(); (err != nil) != c.dead {
				t.Errorf("Close: %v", err)
			}
			if c.dead {
				return
			}
			if n := b.containers(t); n != 0 {
				t.Errorf("%d containers are left", n)
			}
		})
		expectNoGoroutines(t)
	}
}

// endInTheMiddle has a task, a callback and an idle connection under way when
// the end comes.
func endInTheMiddle(t *testing.T, b *bench, end func()) {
	answer, err := b.httpClient(t).Get("http://service/hang")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if _, err := io.ReadFull(answer.Body, make([]byte, len("partly"))); err != nil {
		t.Fatal(err)
	}
	idle, err := b.relay.Dial(t.Context(), b.raw)
	if err != nil {
		t.Fatal(err)
	}
	results := map[string]chan error{"task": make(chan error), "idle": make(chan error), "accept": make(chan error)}
	go func() {
		_, err := answer.Body.Read(make([]byte, 1))
		results["task"] <- err
	}()
	go func() {
		_, err := idle.Read(make([]byte, 1))
		results["idle"] <- err
	}()
	go func() {
		_, err := b.relay.Listener().Accept()
		results["accept"] <- err
	}()
	end()
	for what, result := range results {
		select {
		case err := <-result:
			if !errors.Is(err, relay.ErrEnded) && !errors.Is(err, net.ErrClosed) {
				t.Errorf("%s: %v", what, err)
			}
		case <-time.After(patience):
			t.Errorf("%s: it is not told", what)
		}
	}
	if _, err := idle.Write([]byte("more")); err == nil {
		t.Error("a write went well")
	}
	if _, err := b.relay.Dial(t.Context(), b.http); !errors.Is(err, relay.ErrEnded) {
		t.Errorf("a new connection: %v", err)
	}
}

// waitUntilExited returns when the relay has ended by itself, as it must when
// nobody is attached to it.
func (b *bench) waitUntilExited(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		result, err := b.client.ContainerInspect(t.Context(), b.project+"-relay", client.ContainerInspectOptions{})
		if err != nil {
			t.Error(err)
			return
		}
		if state := result.Container.State; state != nil && !state.Running {
			if state.ExitCode != 0 {
				t.Errorf("the relay ended with status %d", state.ExitCode)
			}
			return
		}
	}
	t.Error("the relay goes on without the one who started it")
}

// TestDeafEngine: while an engine's host hears nothing, waiting for it can be
// given up; when it hears again, what was under way goes on.
func TestDeafEngine(t *testing.T) {
	second := enginetest.Start(t, enginetest.Options{})
	b := newBench(t, second.Client(t), enginetest.Build(t, "testdata/relay"))
	b.startStack(t, enginetest.Build(t, "testdata/service"))
	conn, err := b.relay.Dial(t.Context(), b.raw)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	second.Unplug(t)
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err = b.relay.Dial(ctx, b.http)
	var timeout net.Error
	if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a connection to a deaf host: %v", err)
	}
	second.Plug(t)
	if _, err := io.WriteString(conn, "question"); err != nil {
		t.Error(err)
	}
	if err := conn.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Error(err)
	}
	if answer, err := io.ReadAll(conn); string(answer) != "answer to question" {
		t.Errorf("afterwards: %q, %v", answer, err)
	}
}

// TestSlowReceiver: one that does not read holds up its own connection only.
func TestSlowReceiver(t *testing.T) {
	b := newBench(t, enginetest.Client(t, enginetest.Local(t)), enginetest.Build(t, "testdata/relay"))
	b.startStack(t, enginetest.Build(t, "testdata/service"))
	came, read := make(chan struct{}), make(chan struct{})
	b.serve(t, func(_ http.ResponseWriter, r *http.Request) {
		close(came)
		<-read
		_, _ = io.Copy(io.Discard, r.Body)
	})
	answer := make(chan string)
	go func() { answer <- b.call(t, http.MethodPost, "/callback?bytes=20000000", nil) }()
	<-came
	if got, want := b.call(t, http.MethodGet, "/bytes?bytes=5000000", nil), sum(random(5000000)); got != want {
		t.Errorf("beside a stuck connection an answer came as %s", got)
	}
	close(read)
	if got, want := <-answer, "200 "+sum(random(0)); got != want {
		t.Errorf("the stuck callback was answered %q", got)
	}
}

// TestStartFails: each reason is told, and no container is left.
func TestStartFails(t *testing.T) {
	cli := enginetest.Client(t, enginetest.Local(t))
	good, service := enginetest.Build(t, "testdata/relay"), enginetest.Build(t, "testdata/service")
	program, err := os.ReadFile(good)
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, data []byte) string {
		path := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(path, data, 0o755); err != nil {
			t.Fatal(err)
		}
		return path
	}
	foreign := append([]byte(nil), program...)
	foreign[18], foreign[19] = 0xf3, 0 // e_machine: RISC-V
	const remedy = "build ./cmd/ogpu-tpl-relay with CGO_ENABLED=0 GOOS=linux GOARCH="
	for name, c := range map[string]struct {
		binary string
		want   []string
	}{
		"nothing":        {filepath.Join(t.TempDir(), "none"), []string{"no such file", remedy}},
		"folder":         {t.TempDir(), []string{"no regular file", remedy}},
		"script":         {write("script", []byte("#!/bin/sh\n")), []string{"no Linux program", remedy}},
		"truncated":      {write("truncated", program[:60]), []string{"no Linux program", remedy}},
		"architecture":   {write("foreign", foreign), []string{"another architecture", remedy}},
		"shared library": {"/bin/ls", []string{"shared libraries", remedy}},
		"not a relay":    {service, []string{"does not answer", "this is [31m no relay"}},
		"broken program": {write("broken", append(append([]byte(nil), program[:len(program)/2]...), make([]byte, 100)...)), []string{"no Linux program", remedy}},
	} {
		t.Run(name, func(t *testing.T) {
			b := &bench{client: cli, binary: c.binary, project: unique()}
			r, err := relay.Start(t.Context(), cli, b.options())
			if err == nil {
				r.Close()
				t.Fatal("it was started")
			}
			for _, want := range c.want {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("the error does not say %q: %v", want, err)
				}
			}
			if n := b.containers(t); n != 0 {
				t.Errorf("%d containers are left", n)
			}
		})
	}
	removeImage(t, cli, service)
	t.Run("context done", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		b := &bench{client: cli, binary: good, project: unique()}
		if _, err := relay.Start(ctx, cli, b.options()); !errors.Is(err, context.Canceled) {
			t.Errorf("it returns %v", err)
		}
		if n := b.containers(t); n != 0 {
			t.Errorf("%d containers are left", n)
		}
	})
	expectNoGoroutines(t)
}
