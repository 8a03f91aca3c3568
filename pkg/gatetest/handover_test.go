package gatetest

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// sums are the outputs that say what an artifact is: no job can set those of another.
// Whoever takes an artifact that is not here has to find out otherwise what it is.
var sums = map[string]string{
	"tool":       "needs.plan.outputs.tool",
	"deployment": "needs.publish.outputs.deployment",
}

var (
	builds   = regexp.MustCompile(`(?m)^\s*make (-C base )?build\s*$`)
	unpacks  = regexp.MustCompile(`^(?:base/)?\.github/scripts/unpack\.sh (\S+) "\$SUM" (\S+)$`)
	packs    = regexp.MustCompile(`^(?:base/)?\.github/scripts/pack\.sh (\S+) (\S+)$`)
	runsTool = regexp.MustCompile(`bin/ogpu-tpl|/(publish|publish-plan|drift)\.sh`)
)

// runsTemplate tells whether containers of a template run in a job.
func (j job) runsTemplate() bool {
	return slices.ContainsFunc(j.Steps, func(s step) bool { return strings.Contains(s.Run, "/smoke.sh") })
}

func (s step) is(action string) bool { return strings.HasPrefix(s.Uses, action+"@") }

// before is the step before, or an empty one.
func (j job) before(i int) step {
	if i == 0 {
		return step{}
	}
	return j.Steps[i-1]
}

func (j job) behind(i int) step {
	if i+1 == len(j.Steps) {
		return step{}
	}
	return j.Steps[i+1]
}

// handovers are the rules about what jobs take from each other. A container that breaks
// out can put anything among the artifacts of its run, under any name.
var handovers = []rule{
	{"the tool is built once, before anything of a stranger is there", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		count := 0
		for _, name := range sorted(w.Jobs) {
			j, has, head := w.Jobs[name], false, false
			for _, s := range j.Steps {
				head = head || s.With["path"] == "head"
				if builds.MatchString(s.Run) {
					count++
					has = true
					if head || j.runsTemplate() || j.Strategy.Matrix != nil || s.If != "" {
						complain("%s builds beside what a stranger has written, or several times", name)
					}
				}
				if found := unpacks.FindStringSubmatch(s.Run); found != nil && strings.TrimPrefix(found[2], "base/") == "bin" {
					has = true
					if head {
						complain("%s has the tool only after what a stranger has written", name)
					}
				}
				if runsTool.MatchString(s.Run) && !has {
					complain("%s runs a tool that it has not got: %s", name, s.Run)
				}
			}
		}
		if count > 1 {
			complain("the tool is built %d times", count)
		}
	}, nil},

	{"what is taken from another job is what that has handed on", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		for _, name := range sorted(w.Jobs) {
			j := w.Jobs[name]
			for i, s := range j.Steps {
				if !s.is("actions/download-artifact") {
					if s.Uses != "" && strings.Contains(s.Uses, "download") {
						complain("%s: %s", name, s.Uses)
					}
					continue
				}
				keys, next := strings.Join(sorted(s.With), " "), j.behind(i)
				switch what := s.With["name"] + s.With["pattern"]; {
				case keys == "name path" && sums[what] != "":
					found := unpacks.FindStringSubmatch(next.Run)
					if found == nil || found[1] != s.With["path"]+"/"+what+".tar" || next.If != "" || s.If != "" ||
						!maps.Equal(next.Env, map[string]string{"SUM": "${{ " + sums[what] + " }}"}) {
						complain("%s takes %s for what it says it is", name, what)
					}
				case keys == "path pattern" && what == "record-*" && w.File+"/"+name == "publish.yml/publish" && s.If == "" && s.With["path"] == "records":
					// publish.sh looks at each by the name of its job.
				case keys == "path pattern" && what == "journal" && w.File+"/"+name == "publish.yml/publish":
					const later = "github.run_attempt != '1'"
					if s.If != later || next.If != later || next.Run != ".github/scripts/take-journal.sh "+s.With["path"]+"/journal/journal.tar journal" {
						complain("%s takes any journal", name)
					}
				default:
					complain("%s takes %v", name, s.With)
				}
			}
		}
	}, nil},

	{"what is handed on is what the job has packed", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		for _, name := range sorted(w.Jobs) {
			j := w.Jobs[name]
			for i, s := range j.Steps {
				if !s.is("actions/upload-artifact") {
					continue
				}
				what, before := s.With["name"], j.before(i)
				if keys := strings.Join(sorted(s.With), " "); keys != "if-no-files-found name overwrite path" || s.With["if-no-files-found"] != "error" || s.With["overwrite"] != "true" {
					complain("%s hands on with %v", name, s.With)
				}
				switch {
				case j.runsTemplate():
					if what != "record-${{ matrix.template }}-${{ matrix.environment }}" || s.With["path"] != "${{ matrix.template }}-${{ matrix.environment }}.json" {
						complain("%s, which runs templates, hands on %s", name, what)
					}
				case what == "journal":
					if !before.is("actions/attest") || before.With["subject-path"] != "journal.tar" || s.With["path"] != "journal.tar" ||
						s.If != "always() && steps."+before.ID+".outcome == 'success'" {
						complain("%s hands on a journal that nobody has signed", name)
					}
				case sums[what] != "":
					found := packs.FindStringSubmatch(before.Run)
					if found == nil || found[2] != what+".tar" || s.With["path"] != found[2] || before.If != s.If {
						complain("%s hands on %s, and what it has packed before is %v", name, what, found)
					}
					if got, want := w.Jobs[name].Outputs[what], fmt.Sprintf("${{ steps.%s.outputs.sum }}", before.ID); got != want ||
						sums[what] != "needs."+name+".outputs."+what {
						complain("%s says %s of %s, want %s", name, got, what, want)
					}
				default:
					complain("%s hands on %s", name, what)
				}
			}
		}
	}, nil},

	{"what runs templates says nothing that another job believes", func(_ testing.TB, w workflow, complain func(string, ...any)) {
		for _, name := range sorted(w.Jobs) {
			if w.Jobs[name].runsTemplate() && len(w.Jobs[name].Outputs) > 0 {
				complain("%s has outputs", name)
			}
			for from := range w.Jobs {
				if w.Jobs[from].runsTemplate() && strings.Contains(w.Text, "needs."+from+".outputs") {
					complain("an output of %s is used", from)
				}
			}
		}
	}, nil},
}
