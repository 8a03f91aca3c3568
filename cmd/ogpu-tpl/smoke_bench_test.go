package main

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/opengpu-network/templates/pkg/engine"
)

// benchCatalog is a catalog of n templates with one case each, whose service
// answers at once, and without a health check is ready at once.
func benchCatalog(b *testing.B, n int, healthcheck any) (catalog string) {
	b.Helper()
	catalog = b.TempDir()
	for i := range n {
		writeCase(b, catalog, smokeCase{
			Name:    fmt.Sprintf("echo-%d", i+1),
			Compose: map[string]any{"healthcheck": healthcheck},
			Manifest: map[string]any{"smoke": map[string]any{"cases": []any{
				map[string]any{"name": "good", "function": "echo", "input": map[string]any{"text": "hello"}},
			}}},
		})
	}
	return catalog
}

func timeRun(b *testing.B, c *exec.Cmd) time.Duration {
	b.Helper()
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	started := time.Now()
	if err := c.Run(); err != nil {
		b.Fatalf("%s: %v: %s", c, err, &out)
	}
	return time.Since(started)
}

// BenchmarkSmokeAddsLittle compares a whole smoke run with the same done by
// hand: docker compose up --wait, one task, docker compose down. The two take
// turns, so that both see the same machine.
func BenchmarkSmokeAddsLittle(b *testing.B) {
	importEcho(b)
	binary, catalog := program(b), benchCatalog(b, 1, nil)
	plugins := composePlugin(b)
	e, err := engine.Connect(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	gateway := e.Address()
	e.Close()

	byHand := func(i int) time.Duration {
		port := 21000 + i%9000
		compose := func(args ...string) *exec.Cmd {
			c := exec.Command("docker", append([]string{"compose", "-p", fmt.Sprintf("by-hand-%d", i), "-f", filepath.Join(catalog, "echo-1/compose/cpu.yml")}, args...)...)
			c.Env = append(os.Environ(), "DOCKER_CONFIG="+plugins, fmt.Sprintf("PORT=%d", port), "CALLBACK_URL=http://host.docker.internal:1")
			return c
		}
		took := timeRun(b, compose("up", "--wait"))
		started := time.Now()
		response, err := http.Post(fmt.Sprintf("http://%s:%d/run/echo/0x01", gateway, port), "application/json", strings.NewReader(`{"text":"hello"}`))
		if err != nil || response.StatusCode != http.StatusAccepted {
			b.Fatal(response, err)
		}
		response.Body.Close()
		return took + time.Since(started) + timeRun(b, compose("down"))
	}
	var smoke, hand time.Duration
	for i := 0; b.Loop(); i++ {
		smoke += timeRun(b, programCommand(b, binary, nil, "smoke", "--templates", catalog))
		hand += byHand(i)
	}
	b.ReportMetric(smoke.Seconds()/float64(b.N), "s/smoke")
	b.ReportMetric(hand.Seconds()/float64(b.N), "s/by-hand")
	b.ReportMetric(float64(smoke)/float64(hand), "ratio")
}

// BenchmarkSmokeEightAtOnce compares a run of eight templates at once with the sum of
// a run for each: with a health check, as templates have one, and with services that
// are ready at once, where nothing is left to do but the engine's own work. The third
// time is that of one run which takes them one after the other.
func BenchmarkSmokeEightAtOnce(b *testing.B) {
	importEcho(b)
	binary := program(b)
	for name, healthcheck := range map[string]any{
		"health-check":  map[string]any{"test": []any{"CMD", "/echo", "check"}, "interval": "1s", "timeout": "5s", "retries": 2},
		"ready-at-once": nil,
	} {
		b.Run(name, func(b *testing.B) {
			n := 8
			if testing.Short() {
				n = 2
			}
			catalog := benchCatalog(b, n, healthcheck)
			var together, sum, inTurn time.Duration
			for b.Loop() {
				together += timeRun(b, programCommand(b, binary, nil, "smoke", "--templates", catalog))
				for i := range n {
					sum += timeRun(b, programCommand(b, binary, nil, "smoke", "--templates", catalog, fmt.Sprintf("echo-%d", i+1)))
				}
				inTurn += timeRun(b, programCommand(b, binary, nil, "smoke", "--templates", catalog, "--parallel", "1"))
			}
			b.ReportMetric(together.Seconds()/float64(b.N), "s/together")
			b.ReportMetric(sum.Seconds()/float64(b.N), "s/sum")
			b.ReportMetric(inTurn.Seconds()/float64(b.N), "s/in-turn")
			b.ReportMetric(float64(together)/float64(sum), "ratio")
		})
	}
}
