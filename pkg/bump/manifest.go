package bump

import (
	"encoding/json"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
)

// equal compares what two values say, whatever types their numbers have.
func equal(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, err := json.Marshal(a)
	if err != nil {
		return false
	}
	y, err := json.Marshal(b)
	return err == nil && string(x) == string(y)
}

func compareTerms(all *changes, base, head catalog.Terms) {
	if base.MinPayment.Wei().Cmp(head.MinPayment.Wei()) != 0 {
		all.add(minPayment, "minPayment is %s OGPU, and was %s", head.MinPayment, base.MinPayment)
	}
	switch base.MinAvailableLockup.Wei().Cmp(head.MinAvailableLockup.Wei()) {
	case -1:
		all.add(lockupHigher, "minAvailableLockup is %s OGPU, and was %s", head.MinAvailableLockup, base.MinAvailableLockup)
	case 1:
		all.add(lockupLower, "minAvailableLockup is %s OGPU, and was %s", head.MinAvailableLockup, base.MinAvailableLockup)
	}
	if base.MaxExpiryDuration != head.MaxExpiryDuration {
		all.add(expiry, "maxExpiryDuration is %d s, and was %d s", head.MaxExpiryDuration, base.MaxExpiryDuration)
	}
	if base.DeliveryMethod != head.DeliveryMethod {
		all.add(delivery, "deliveryMethod is %s, and was %s", head.DeliveryMethod, base.DeliveryMethod)
	}
	if base.PrivacyEnabled != head.PrivacyEnabled {
		all.add(privacy, "privacyEnabled is %t, and was %t", head.PrivacyEnabled, base.PrivacyEnabled)
	}
}

func compareEnvironments(all *changes, base, head Side) {
	for _, environment := range catalog.AllEnvironments() {
		before, after := base.Template.Manifest.Environments.Get(environment), head.Template.Manifest.Environments.Get(environment)
		switch {
		case before == nil && after == nil:
		case after == nil:
			all.add(environmentGone, "the environment %s is gone", environment)
		case before == nil:
			all.add(environmentAdded, "the environment %s is new", environment)
		default:
			compareHardware(all, environment, before.Hardware, after.Hardware)
			compareProjects(all, environment, base.Projects[environment], head.Projects[environment])
		}
	}
}

func compareHardware(all *changes, environment catalog.Environment, base, head catalog.Hardware) {
	for _, size := range []struct {
		name        string
		base, after catalog.Size
	}{{"vram", base.VRAM, head.VRAM}, {"ram", base.RAM, head.RAM}, {"disk", base.Disk, head.Disk}} {
		switch {
		case size.after > size.base:
			all.add(hardwareMore, "%s: %s is %s, and was %s", environment, size.name, size.after, size.base)
		case size.after < size.base:
			all.add(hardwareLess, "%s: %s is %s, and was %s", environment, size.name, size.after, size.base)
		}
	}
	switch {
	case head.CPUs > base.CPUs:
		all.add(hardwareMore, "%s: cpus is %v, and was %v", environment, head.CPUs, base.CPUs)
	case head.CPUs < base.CPUs:
		all.add(hardwareLess, "%s: cpus is %v, and was %v", environment, head.CPUs, base.CPUs)
	}
	for _, version := range []struct{ name, base, after string }{
		{"computeCapability", base.ComputeCapability, head.ComputeCapability}, {"driver", base.Driver, head.Driver},
	} {
		switch compareNumbers(version.after, version.base) {
		case 1:
			all.add(hardwareNewer, "%s: %s is %q, and was %q", environment, version.name, version.after, version.base)
		case -1:
			all.add(hardwareLess, "%s: %s is %q, and was %q", environment, version.name, version.after, version.base)
		}
	}
	compareGFX(all, environment, base.GFX, head.GFX)
}

// compareNumbers compares numbers with dots between them, part by part. Nothing is
// less than anything.
func compareNumbers(a, b string) int {
	if a == b {
		return 0
	}
	x, y := strings.Split(a, "."), strings.Split(b, ".")
	for i := range max(len(x), len(y)) {
		n, m := new(big.Int), new(big.Int)
		if i < len(x) {
			n.SetString(x[i], 10)
		}
		if i < len(y) {
			m.SetString(y[i], 10)
		}
		if order := n.Cmp(m); order != 0 {
			return order
		}
	}
	return 0 // 1.0 and 1.0.0 are one
}

// compareGFX compares the GPU targets that work; none means all.
func compareGFX(all *changes, environment catalog.Environment, base, head []string) {
	if len(base) == 0 && len(head) > 0 {
		all.add(gfxGone, "%s: only some GPU targets work, and none was left out before", environment)
		return
	}
	if len(head) == 0 && len(base) > 0 {
		all.add(gfxAdded, "%s: all GPU targets work", environment)
		return
	}
	for _, target := range base {
		if !slices.Contains(head, target) {
			all.add(gfxGone, "%s: the GPU target %s is gone", environment, target)
		}
	}
	for _, target := range head {
		if !slices.Contains(base, target) {
			all.add(gfxAdded, "%s: the GPU target %s is new", environment, target)
		}
	}
}

func compareParameters(all *changes, base, head map[string]catalog.Parameter) {
	for _, name := range union(base, head) {
		before, was := base[name]
		after, is := head[name]
		switch {
		case !is:
			all.add(parameterGone, "the parameter %q is gone", name)
		case !was:
			all.add(parameterAdded, "the parameter %q is new", name)
		case equal(before, after):
		default:
			a, b := parameterSchema(before), parameterSchema(after)
			if reason := Within(a, b, Input); reason != "" {
				all.add(parameterNarrowed, "the parameter %q: %s", name, reason)
			} else if !SameSchema(a, b) {
				all.add(parameterWidened, "the parameter %q accepts more", name)
			} else {
				all.add(parameterOther, "the parameter %q has another default, description, target or with", name)
			}
		}
	}
}

// parameterSchema is what a parameter accepts, as a JSON Schema. Its pattern means
// the same in both.
func parameterSchema(p catalog.Parameter) map[string]any {
	schema := map[string]any{"type": string(p.Type)}
	if p.Enum != nil {
		schema["enum"] = p.Enum
	}
	if p.Type == catalog.StringType {
		if p.Pattern != "" {
			schema["pattern"] = p.Pattern
		}
		if p.MaxLength != nil {
			schema["maxLength"] = *p.MaxLength
		}
	}
	if p.Type == catalog.IntegerType || p.Type == catalog.NumberType {
		if p.Minimum != nil {
			schema["minimum"] = *p.Minimum
		}
		if p.Maximum != nil {
			schema["maximum"] = *p.Maximum
		}
	}
	return schema
}

func compareFunctions(all *changes, base, head map[string]catalog.Function) {
	for _, name := range union(base, head) {
		before, was := base[name]
		after, is := head[name]
		switch {
		case !is:
			all.add(functionGone, "the function %q is gone", name)
		case !was:
			all.add(functionAdded, "the function %q is new", name)
		case equal(before, after):
		default:
			told := len(*all)
			if reason := Within(before.Input, after.Input, Input); reason != "" {
				all.add(inputNarrowed, "the input of function %q: %s", name, reason)
			} else if !SameSchema(before.Input, after.Input) {
				all.add(inputWidened, "the input of function %q accepts more", name)
			}
			if reason := Within(after.Output, before.Output, Output); reason != "" {
				all.add(outputWidened, "the output of function %q: %s", name, reason)
			} else if !SameSchema(before.Output, after.Output) {
				all.add(outputNarrowed, "the output of function %q promises more", name)
			}
			if len(*all) == told {
				all.add(functionOther, "the function %q is described in other words", name)
			}
		}
	}
}

// union lists the keys of both maps, sorted.
func union[T any](a, b map[string]T) []string {
	names := maps.Clone(a)
	if names == nil {
		names = map[string]T{}
	}
	maps.Copy(names, b)
	return slices.Sorted(maps.Keys(names))
}
