package hardware

import "fmt"

// Evidence is what was seen of a GPU during a run.
type Evidence struct {
	// Sight is what the GPU service's container sees.
	Sight Sight
	// Peak of the GPUs' memory.
	Peak Peak
	// Untold says why Peak is not known; empty when it is.
	Untold string
}

// leastTaken is what a stack that uses a GPU takes of its memory at least, in
// bytes. Less is what other programs of the host move to and fro.
const leastTaken = 32 << 20

// Used reports whether the run showed that the GPU was used, and says in a
// sentence why. The device has to be visible and memory taken; where a container
// has nothing to look with, the memory alone shows it.
func (e Evidence) Used() (bool, string) {
	switch {
	case e.Sight.Visibility == NotVisible:
		return false, "the GPU is not visible in the container: " + e.Sight.Reason
	case e.Untold != "":
		return false, "it cannot be shown that the GPU was used: " + e.Untold
	case e.Peak.Samples == 0:
		return false, "it cannot be shown that the GPU was used: its memory was never looked at"
	case e.Peak.Taken() < leastTaken:
		return false, fmt.Sprintf("the GPU was not used: at most %s of its memory was in use, %s before the start", size(e.Peak.Used), size(e.Peak.Baseline))
	case e.Sight.Visibility == Visible:
		return true, fmt.Sprintf("the GPU was used: the container sees it, and took %s of its memory", size(e.Peak.Taken()))
	default:
		return true, fmt.Sprintf("the GPU was used: %s of its memory was taken; whether the container sees it cannot be told: %s", size(e.Peak.Taken()), e.Sight.Reason)
	}
}

// Exceeds says, in a sentence, that the peak does not fit the bytes of GPU memory
// that the manifest states; empty when it fits, or when nothing is stated.
func (e Evidence) Exceeds(stated int64) string {
	if stated <= 0 || e.Untold != "" || e.Peak.Taken() <= stated {
		return ""
	}
	return fmt.Sprintf("the stack took %s of GPU memory; the manifest states %s", size(e.Peak.Taken()), size(stated))
}
