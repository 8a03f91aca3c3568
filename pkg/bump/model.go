package bump

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/opengpu-network/templates/pkg/catalog"
	"github.com/opengpu-network/templates/pkg/compose"
)

// compareProjects compares the resolved compose files of one environment.
func compareProjects(all *changes, environment catalog.Environment, base, head *compose.Project) {
	file := catalog.ComposePath(environment)
	if base == nil || head == nil {
		return // then there is nothing to freeze either
	}
	keys, err := Keys()
	if err != nil {
		all.add(undecidedKey, "%s: %v", file, err)
		return
	}
	m := &models{all: all, file: file, base: base, head: head, how: map[string]string{}, above: map[string]bool{}}
	for _, key := range keys {
		m.how[key.Pattern] = key.How
		for at := key.Pattern; strings.Contains(at, "."); {
			at = at[:strings.LastIndexByte(at, '.')]
			m.above[at] = true
		}
	}
	m.compare("", nil, base.Model, head.Model)
}

// models is the comparison of two compose models.
type models struct {
	all        *changes
	file       string
	base, head *compose.Project
	// how compares a pattern; above are the patterns of what is above those.
	how   map[string]string
	above map[string]bool
}

func (m *models) compare(pattern string, at []string, base, head any) {
	if equal(base, head) {
		return
	}
	how, decided := m.how[pattern]
	before, isMap := base.(map[string]any)
	after, isMapToo := head.(map[string]any)
	place := m.file + ": " + strings.Join(at, ".")
	switch {
	case how == "image":
		m.images(at[1])
	case decided:
		if wider := ways()[how].widened(base, head); wider != "" {
			m.all.add(privileges, "%s %s", place, wider)
		} else {
			m.all.add(composeOther, "%s is another", place)
		}
	case pattern == "services.*" && base == nil:
		m.newService(at, head)
	case (pattern == "" || m.above[pattern]) && (isMap || base == nil) && (isMapToo || head == nil):
		if strings.HasSuffix(pattern, ".*") {
			switch {
			case head == nil:
				m.all.add(composeOther, "%s is gone", place)
				return // and all that it could do with it
			case base == nil:
				m.all.add(composeOther, "%s is new", place)
			}
		}
		for _, name := range union(before, after) {
			m.compare(m.child(pattern, name), append(slices.Clone(at), name), before[name], after[name])
		}
	default:
		m.all.add(undecidedKey, "%s changes, and nobody has decided what that means", place)
	}
}

// newService holds a service that is new against the one of the base that it is
// most like: a service that only has another name gains nothing by it, and one that
// does more than any before does.
func (m *models) newService(at []string, head any) {
	m.all.add(composeOther, "%s: %s is new", m.file, strings.Join(at, "."))
	services, _ := m.base.Model["services"].(map[string]any)
	like, best := "", changes(nil)
	for _, name := range slices.Sorted(maps.Keys(services)) {
		var found changes
		trial := *m
		trial.all = &found
		trial.compare("services.*", at, services[name], head)
		found = slices.DeleteFunc(found, func(c Change) bool { return c.Level < Major })
		if like == "" || len(found) < len(best) {
			like, best = name, found
		}
	}
	for _, c := range best {
		if c.Kind != imageRepository {
			c.What += fmt.Sprintf(", compared with the service %q", like)
		}
		*m.all = append(*m.all, c)
	}
}

// child is the pattern of a member: its name, or * where the author chooses names.
func (m *models) child(pattern, name string) string {
	if pattern == "" {
		return name
	}
	any := pattern + ".*"
	if _, decided := m.how[any]; decided || m.above[any] {
		return any
	}
	return pattern + "." + name
}

// images compares the images of one service.
func (m *models) images(service string) {
	before, was := m.base.Images[service]
	after, is := m.head.Images[service]
	at := m.file + ": services." + service + ".image"
	repository := func(i compose.Image) string { return i.Registry + "/" + i.Repository }
	switch {
	case !is:
		m.all.add(composeOther, "%s is gone", at)
	case was && repository(before) == repository(after):
		m.all.add(composeOther, "%s has another tag or digest", at)
	case !was && slices.ContainsFunc(slices.Collect(maps.Values(m.base.Images)), func(i compose.Image) bool { return repository(i) == repository(after) }):
		m.all.add(composeOther, "%s is new", at)
	case was:
		m.all.add(imageRepository, "%s is from %s, and was from %s", at, repository(after), repository(before))
	default:
		m.all.add(imageRepository, "%s is from %s, which no service ran before", at, repository(after))
	}
}
