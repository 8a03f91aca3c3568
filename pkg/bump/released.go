package bump

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
)

// RuleReleased is for a note of what was released that says something else than what
// was released.
const RuleReleased = "version/released"

// Notes are what a template's note of what was released says, digests by their
// versions: where the change started, where it is to go, and now.
type Notes struct {
	Base, Tip, Head map[string]string
}

// Misnoted is what is wrong with one entry of the note.
type Misnoted struct {
	// Version is empty when the problem is about many.
	Version string
	// Message is a sentence without its full stop.
	Message string
}

// Judge says what is wrong with the entries that the change makes, takes away or
// alters: what it leaves as it was where it started, or as it is where it goes, is none
// of its doing. An entry that was there stays; prove says what is wrong with a new one,
// or nothing. name is that of what the change is for.
func (n Notes) Judge(name string, prove func(version, digest string) (string, error)) ([]Misnoted, error) {
	all := maps.Clone(n.Head)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, n.Base)
	maps.Copy(all, n.Tip)
	var problems []Misnoted
	told := 0
	for _, version := range slices.Sorted(maps.Keys(all)) {
		base, tip, head := n.Base[version], n.Tip[version], n.Head[version]
		if head == base || head == tip {
			continue
		}
		// Beyond what is told, nothing needs to be proven.
		if told >= maxTold {
			told++
			continue
		}
		message, err := "", error(nil)
		switch before := cmp.Or(tip, base); {
		case before == "":
			message, err = prove(version, head)
		case head == "":
			message = fmt.Sprintf("version %s is gone, which was released as %s", version, before)
		case base == "":
			message = fmt.Sprintf("version %s has the digest %s, and %s has come to say since this change started that it was released as %s", version, head, name, before)
		default:
			message = fmt.Sprintf("version %s has the digest %s, and was released as %s", version, head, before)
		}
		if err != nil {
			return nil, err
		}
		if message != "" {
			told++
			problems = append(problems, Misnoted{version, message})
		}
	}
	if told > maxTold {
		problems = append(problems, Misnoted{"", fmt.Sprintf("%d more versions are new, gone or others", told-maxTold)})
	}
	return problems, nil
}
