package finding

import (
	"math/rand/v2"
	"reflect"
	"testing"
)

// However findings come in, they are printed in one order.
func TestSortIsStable(t *testing.T) {
	sorted := []Finding{
		{Rule: "b", Message: "whole file", Position: Position{File: "a.yml"}},
		{Rule: "b", Severity: Error, Position: Position{File: "a.yml", Line: 2, Column: 1}},
		{Rule: "a", Severity: Notice, Position: Position{File: "a.yml", Line: 2, Column: 1}},
		{Rule: "a", Position: Position{File: "a.yml", Line: 2, Column: 5}},
		{Rule: "a", Position: Position{File: "a.yml", Line: 10, Column: 1}, Path: []any{"a", 1}},
		{Rule: "a", Position: Position{File: "a.yml", Line: 10, Column: 1}, Path: []any{"a", 2}},
		{Rule: "a", Message: "m", Position: Position{File: "a.yml", Line: 10, Column: 1}},
		{Rule: "a", Position: Position{File: "b.yml", Line: 1, Column: 1}},
	}
	for range 100 {
		shuffled := append([]Finding(nil), sorted...)
		rand.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		if Sort(shuffled); !reflect.DeepEqual(shuffled, sorted) {
			t.Fatalf("got %v", shuffled)
		}
	}
}

func TestSeverity(t *testing.T) {
	for _, s := range Severities() {
		text, err := s.MarshalText()
		var back Severity
		if err != nil || back.UnmarshalText(text) != nil || back != s {
			t.Errorf("%v does not survive its name", s)
		}
	}
	if _, err := ParseSeverity("fatal"); err == nil {
		t.Error("an unknown severity is no error")
	}
	if got := Worst([]Finding{{Severity: Error, Waived: true}, {Severity: Warning}, {Severity: Notice}}); got != Warning {
		t.Errorf("the worst that is not waived is %v", got)
	}
	if got := Worst(nil); got != 0 {
		t.Errorf("the worst of nothing is %v", got)
	}
}
