package main

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/opengpu-network/templates/cmd/internal/full"
	"github.com/opengpu-network/templates/pkg/smoke"
)

// TestProgress has events, each so long after the one before, and what people
// see of them. <over> is what begins a line anew on a terminal.
func TestProgress(t *testing.T) {
	type step struct {
		after time.Duration
		event smoke.Event
	}
	say := func(after time.Duration, template, text string) step {
		return step{after, smoke.Event{Template: template, Environment: "cpu", Text: text}}
	}
	pull := func(after time.Duration, template string, megabytes int64) step {
		return step{after, smoke.Event{Template: template, Environment: "cpu", Text: "pulling big", Done: megabytes * 1e6, Total: 900e6}}
	}
	const tick = 200 * time.Millisecond
	for _, c := range []struct {
		name  string
		log   bool
		width int
		steps []step
		want  string
	}{
		{
			name:  "a pull alone",
			steps: []step{say(0, "a", "pulling big"), pull(0, "a", 1), pull(tick, "a", 2), pull(tick, "a", 3), say(0, "a", "starting")},
			want:  "a cpu: pulling big<over>a cpu: pulling big 1MB of 900MB<over>a cpu: pulling big 2MB of 900MB<over>a cpu: pulling big 3MB of 900MB\na cpu: starting\n",
		},
		{
			name:  "faster than an eye",
			steps: []step{say(0, "a", "pulling big"), pull(0, "a", 1), pull(tick/10, "a", 2), pull(tick/10, "a", 3), pull(tick, "a", 4)},
			want:  "a cpu: pulling big<over>a cpu: pulling big 1MB of 900MB<over>a cpu: pulling big 4MB of 900MB\n",
		},
		{
			name: "another one speaks",
			steps: []step{
				say(0, "a", "pulling big"), pull(0, "a", 1), say(0, "b", "starting"),
				pull(tick, "a", 2), pull(full.LinePause, "a", 3), pull(tick, "a", 4), pull(tick, "a", 5), say(0, "b", "ready"),
			},
			want: "a cpu: pulling big<over>a cpu: pulling big 1MB of 900MB\nb cpu: starting\na cpu: pulling big 3MB of 900MB" +
				"<over>a cpu: pulling big 4MB of 900MB<over>a cpu: pulling big 5MB of 900MB\nb cpu: ready\n",
		},
		{
			name: "two pulls take no turns",
			steps: []step{
				pull(0, "a", 1), pull(0, "b", 1), pull(tick, "a", 2), pull(0, "b", 2), pull(tick, "a", 3), pull(0, "b", 3), pull(full.LinePause, "a", 4), pull(0, "b", 4),
			},
			want: "a cpu: pulling big 1MB of 900MB\nb cpu: pulling big 1MB of 900MB<over>b cpu: pulling big 2MB of 900MB<over>b cpu: pulling big 3MB of 900MB\n" +
				"a cpu: pulling big 4MB of 900MB\nb cpu: pulling big 4MB of 900MB\n",
		},
		{
			name:  "a line that would wrap",
			width: 27,
			steps: []step{pull(0, "a", 1), pull(tick, "a", 20)},
			want:  "a cpu: pullin 1MB of 900MB<over>a cpu: pulli 20MB of 900MB\n",
		},
		{
			name:  "a log",
			log:   true,
			steps: []step{say(0, "a", "pulling big"), pull(0, "a", 1), pull(tick, "a", 2), pull(full.LinePause, "a", 3), say(0, "b", "starting")},
			want:  "a cpu: pulling big\na cpu: pulling big 1MB of 900MB\na cpu: pulling big 3MB of 900MB\nb cpu: starting\n",
		},
	} {
		t.Run(c.name, func(t *testing.T) {
			var out bytes.Buffer
			now := today
			p := &full.Progress{Out: &out, Terminal: !c.log, Now: func() time.Time { return now }, Width: func() int { return c.width }}
			for _, s := range c.steps {
				now = now.Add(s.after)
				p.Show(s.event)
			}
			p.Close()
			if got := strings.ReplaceAll(out.String(), "\r\x1b[K", "<over>"); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}
