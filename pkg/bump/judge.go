package bump

import (
	"fmt"

	"github.com/opengpu-network/templates/pkg/catalog"
)

// Category is that of the rules.
const Category = "version"

// The rules that a version may break.
const (
	RuleMajor = "version/major"
	RuleMinor = "version/minor"
	RulePatch = "version/patch"
	RuleLower = "version/lower"
	// RuleCompare is for a version that cannot be compared.
	RuleCompare = "version/compare"
)

// maxTold is how many changes are told one by one.
const maxTold = 20

// Problem is what is wrong with a version.
type Problem struct {
	Rule string
	// Message is a sentence without its full stop. Parts of it come from the
	// template.
	Message string
}

// Problems says what is wrong with the version head, after the version base and
// with these changes: one problem for each of the changes that ask for most. A base
// that is no version allows any.
func Problems(base, head string, all []Change) (problems []Problem) {
	before, err := catalog.ParseVersion(base)
	if err != nil {
		return nil
	}
	version, err := catalog.ParseVersion(head)
	if err != nil {
		return []Problem{{RuleCompare, fmt.Sprintf("the version cannot be read, and has to be higher than %s on the base", base)}}
	}
	needed := Needed(all)
	if Enough(before, version, needed) {
		return nil
	}
	next := Next(before, needed)
	if needed == None || version.LessThan(before) {
		message := fmt.Sprintf("the version is %s, and %s on the base is higher", head, base)
		if version.Equal(before) {
			message = fmt.Sprintf("the version is %s, which is no higher than %s on the base", head, base)
		}
		if needed == None {
			message += ", although nothing has changed that asks for another: write " + base
		} else {
			message += fmt.Sprintf(": write %s (%s)", next, all[0].What)
		}
		return []Problem{{RuleLower, message}}
	}
	rule := map[Level]string{Major: RuleMajor, Minor: RuleMinor, Patch: RulePatch}[needed]
	asks := fmt.Sprintf("that asks for a %s version: %s → %s", needed, base, next)
	told := 0
	for _, change := range all {
		if change.Level != needed {
			continue
		}
		if told++; told <= maxTold {
			problems = append(problems, Problem{rule, change.What + "; " + asks})
		}
	}
	if told > maxTold {
		problems = append(problems, Problem{rule, fmt.Sprintf("%d more changes; %s", told-maxTold, asks)})
	}
	return problems
}

// Behind says what is wrong with the version head when what the change is for, named
// name, has come to the version tip since the change started. It has to be higher than
// that one too, by as much as the changes ask for. A tip that is no version allows any.
func Behind(name, tip, head string, all []Change) (problems []Problem) {
	latest, err := catalog.ParseVersion(tip)
	if err != nil {
		return nil
	}
	version, err := catalog.ParseVersion(head)
	if err != nil {
		return nil // which is told elsewhere
	}
	needed := max(Needed(all), Patch)
	if Enough(latest, version, needed) {
		return nil
	}
	return []Problem{{RuleLower, fmt.Sprintf("the version is %s, and %s has come to %s since this change started; "+
		"what changes asks for a %s version after that one: take in %[2]s and write %[5]s", head, name, tip, needed, Next(latest, needed))}}
}
