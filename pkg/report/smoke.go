package report

import (
	"cmp"
	"fmt"
	"io"

	"github.com/opengpu-network/templates/pkg/record"
)

// Smoke is what smoke runs found out.
type Smoke struct {
	// Records are in the order in which they are shown.
	Records []record.Record
	// Version is that of the program.
	Version string
}

// SmokeFormats lists the names of the formats of WriteSmoke.
func SmokeFormats() []string { return []string{"text", "json", "junit"} }

// WriteSmoke writes the records of smoke runs. The same records give the same
// bytes. As JSON they are a record.File, so that record.Read reads them. It is
// an error when the format is none of SmokeFormats.
func WriteSmoke(w io.Writer, s Smoke, o Options) error {
	o.Width = max(cmp.Or(o.Width, usualWidth), leastWidth)
	switch o.Format {
	case "text":
		return writeSmokeText(w, s, o)
	case "json":
		records := append([]record.Record{}, s.Records...)
		return encode(w, record.File{Schema: record.Schema, Tool: s.Version, Records: records})
	case "junit":
		return writeSmokeJUnit(w, s)
	default:
		return fmt.Errorf("unknown format %q: use text, json or junit", o.Format)
	}
}

// verdict is a record's status, and Failed for a record that contradicts
// itself: nothing may look like a pass that is none.
func verdict(r record.Record) record.Status {
	fits := len(r.Failures) == 0
	switch r.Status {
	case record.Passed:
		fits = fits && r.Compared && r.Hardware == record.Real
	case record.Emulated, record.Pretended:
		fits = fits && r.Compared
	case record.Skipped:
	default:
		fits = false
	}
	if !fits {
		return record.Failed
	}
	return r.Status
}

// standIn is the word for what stood in for the environment's hardware, and
// empty for real hardware and for a run that never came so far.
func standIn(r record.Record) string {
	switch {
	case r.Status == record.Skipped:
		return ""
	case r.Hardware == record.None || r.Status == record.Emulated:
		return record.None
	case r.Hardware == record.Claimed || r.Status == record.Pretended:
		return record.Claimed
	case r.Hardware == record.Real || r.Hardware == "":
		return ""
	default:
		return "unknown hardware"
	}
}

// noPass says why a run with a stand-in is no pass.
func noPass(r record.Record) string {
	switch standIn(r) {
	case record.None:
		return fmt.Sprintf("the run took place without the GPU: it is no pass of %s", Escape(r.Environment))
	case record.Claimed:
		return fmt.Sprintf("the GPU is one that only the engine claims to have: the run is no pass of %s", Escape(r.Environment))
	default:
		return fmt.Sprintf("the hardware was not real: the run is no pass of %s", Escape(r.Environment))
	}
}

// span writes seconds for people: 350ms, 2.1s, 3m12s.
func span(seconds float64) string {
	switch {
	case seconds < 0.9995:
		return fmt.Sprintf("%.0fms", seconds*1000)
	case seconds < 59.95:
		return fmt.Sprintf("%.1fs", seconds)
	case seconds < 1e9:
		whole := int64(seconds + 0.5)
		if whole < 3600 {
			return fmt.Sprintf("%dm%02ds", whole/60, whole%60)
		}
		return fmt.Sprintf("%dh%02dm", whole/3600, whole/60%60)
	default:
		return fmt.Sprintf("%gs", seconds)
	}
}

// memory writes bytes as 61 MiB, disk as 210 MB, as Docker does.
func memory(bytes int64) string { return quantity(bytes, 1024, "B", "KiB", "MiB", "GiB", "TiB") }
func disk(bytes int64) string   { return quantity(bytes, 1000, "B", "kB", "MB", "GB", "TB") }

func quantity(bytes int64, base float64, units ...string) string {
	value, unit := float64(bytes), 0
	for value >= base && unit < len(units)-1 {
		value, unit = value/base, unit+1
	}
	if unit > 0 && value < 9.95 {
		return fmt.Sprintf("%.1f %s", value, units[unit])
	}
	return fmt.Sprintf("%.0f %s", value, units[unit])
}
