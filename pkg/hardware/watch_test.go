//go:build linux

package hardware

import (
	"context"
	"errors"
	"testing"
)

func TestWatchMemory(t *testing.T) {
	values := []int64{100, 300, 900, 200}
	calls := 0
	w, err := WatchMemory(t.Context(), func(context.Context) (int64, error) {
		n := values[min(calls, len(values)-1)]
		calls++
		return n, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	await(t, w, 3)
	if peak, err := w.Stop(); err != nil || peak.Baseline != 100 || peak.Used != 900 || peak.Taken() != 800 {
		t.Errorf("peak %+v, %v", peak, err)
	}
	for name, later := range map[string]func() (int64, error){
		"negative": func() (int64, error) { return -1, nil },
		"fails":    func() (int64, error) { return 0, errors.New("gone") },
	} {
		if _, err := WatchMemory(t.Context(), func(context.Context) (int64, error) { return later() }); !errors.Is(err, ErrUntold) {
			t.Errorf("%s at first: %v", name, err)
		}
		first := true
		w, err := WatchMemory(t.Context(), func(context.Context) (int64, error) {
			if first {
				first = false
				return 5, nil
			}
			return later()
		})
		if err != nil {
			t.Fatal(err)
		}
		<-w.done
		if _, err := w.Stop(); !errors.Is(err, ErrUntold) {
			t.Errorf("%s later: %v", name, err)
		}
	}
}
