package compose

import (
	"fmt"
	"maps"
	"math"
	"path"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/docker/go-units"
	"github.com/xhit/go-str2duration/v2"
)

// A reading turns one value of compose-go's canonical model into the one form
// in which policies see it. It is false when the value means nothing: then it
// is left out, and compose-go's own typed reading has reported it.
type reading func(value any) (any, bool)

// serviceReadings says how the keys of a service are read. Keys that are not
// listed keep the form that compose-go gives them.
func serviceReadings() map[string]reading {
	hook := list(fields{"command": command, "environment": keyValues(true)})
	devices := list(fields{"count": count, "capabilities": texts, "device_ids": texts, "options": keyValues(false)})
	resources := fields{"cpus": number, "memory": bytes, "pids": integer, "devices": devices}.read
	return map[string]reading{
		"annotations":         keyValues(false),
		"blkio_config":        keep,
		"build":               fields{"args": keyValues(true), "labels": keyValues(false), "extra_hosts": hosts, "shm_size": bytes}.read,
		"cap_add":             capabilities,
		"cap_drop":            capabilities,
		"command":             command,
		"configs":             list(fields{}),
		"cpu_count":           integer,
		"cpu_percent":         number,
		"cpu_period":          integer,
		"cpu_quota":           integer,
		"cpu_shares":          integer,
		"cpus":                number,
		"depends_on":          each(fields{}.read),
		"deploy":              fields{"replicas": integer, "labels": keyValues(false), "resources": fields{"limits": resources, "reservations": resources}.read, "restart_policy": fields{"delay": seconds, "window": seconds, "max_attempts": integer}.read}.read,
		"device_cgroup_rules": texts,
		"dns":                 texts,
		"dns_opt":             texts,
		"dns_search":          texts,
		"entrypoint":          command,
		"environment":         keyValues(true),
		"expose":              texts,
		"external_links":      texts,
		"extra_hosts":         hosts,
		"gpus":                devices,
		"group_add":           texts,
		"healthcheck":         fields{"test": healthTest, "interval": seconds, "timeout": seconds, "start_period": seconds, "start_interval": seconds, "retries": integer}.read,
		"label_file":          texts,
		"labels":              keyValues(false),
		"links":               texts,
		"logging":             fields{"options": keyValues(false)}.read,
		"oom_kill_disable":    boolean(true),
		"privileged":          boolean(true),
		"read_only":           boolean(false),
		"use_api_socket":      boolean(true),
		"mem_limit":           bytes,
		"mem_reservation":     bytes,
		"mem_swappiness":      integer,
		"memswap_limit":       bytes,
		"networks":            each(fields{"driver_opts": keyValues(false), "aliases": texts, "link_local_ips": texts}.read),
		"oom_score_adj":       integer,
		"pids_limit":          integer,
		"ports":               list(fields{"target": integer, "published": text}),
		"post_start":          hook,
		"pre_start":           hook,
		"pre_stop":            hook,
		"profiles":            texts,
		"pull_policy":         pullPolicy,
		"scale":               integer,
		"secrets":             list(fields{}),
		"security_opt":        options,
		"shm_size":            bytes,
		"stop_grace_period":   seconds,
		"storage_opt":         keyValues(false),
		"sysctls":             keyValues(false),
		"tmpfs":               texts,
		"ulimits":             each(ulimit),
		"user":                text,
		"volumes":             list(fields{"source": keep, "target": target, "bind": fields{}.read, "volume": fields{"labels": keyValues(false)}.read, "tmpfs": fields{"size": bytes, "mode": integer}.read, "image": fields{}.read}),
		"volumes_from":        texts,
	}
}

// projectReadings says how the top-level sections are read.
func projectReadings() fields {
	resource := fields{"labels": keyValues(false), "driver_opts": keyValues(false), "external": boolean(true), "internal": boolean(false)}
	return fields{
		"services": each(fields(serviceReadings()).read),
		"networks": each(resource.read),
		"volumes":  each(resource.read),
		"secrets":  each(resource.read),
		"configs":  each(resource.read),
	}
}

// meaning rewrites compose-go's canonical model, in place, into the model that
// docs/schemas/policy-input.schema.json describes.
func meaning(model map[string]any) map[string]any {
	read, _ := projectReadings().read(model)
	model, _ = read.(map[string]any)
	services, _ := model["services"].(map[string]any)
	for _, service := range services {
		service, _ := service.(map[string]any)
		bindSources(service)
		provided(service)
		if service["networks"] == nil && service["network_mode"] == nil {
			service["networks"] = map[string]any{"default": map[string]any{}}
		}
		if joined, ok := service["networks"].(map[string]any); ok && joined["default"] != nil {
			networks, _ := model["networks"].(map[string]any)
			if networks == nil {
				networks = map[string]any{}
				model["networks"] = networks
			}
			if networks["default"] == nil {
				networks["default"] = map[string]any{}
			}
		}
	}
	return model
}

// provided gives a bare `KEY` that the provider sets the value that it has.
func provided(service map[string]any) {
	env, _ := service["environment"].(map[string]any)
	for _, name := range ProviderVariables() {
		if value, ok := env[name]; ok && value == nil {
			env[name] = "${" + name + "}"
		}
	}
}

// bindSources cleans the host's side of bind mounts, so that /./x and //x are
// /x for every rule.
func bindSources(service map[string]any) {
	volumes, _ := service["volumes"].([]any)
	for _, volume := range volumes {
		volume, _ := volume.(map[string]any)
		if source, ok := volume["source"].(string); ok && volume["type"] != "volume" && path.IsAbs(source) {
			volume["source"] = path.Clean(source)
		}
	}
}

// restored gives a model, in place, the provider's variables back as they were
// written.
func restored(model map[string]any, port string) map[string]any {
	model, _ = restoreAll(model, port).(map[string]any)
	return model
}

// restoreAll applies restore to every string, and makes all numbers int or
// float64 that JSON can hold.
func restoreAll(value any, port string) any {
	switch value := value.(type) {
	case string:
		return restore(value, port)
	case []any:
		for i, item := range value {
			value[i] = restoreAll(item, port)
		}
	case map[string]any:
		for key, item := range value {
			item = restoreAll(item, port)
			if strings.ContainsRune(key, markOpen) || strings.Contains(key, port) {
				delete(value, key)
				key = strings.ReplaceAll(restore(key, port), "$$", "$")
			}
			value[key] = item
		}
	case float32:
		// 0.1 as float32 is not 0.1 as float64: go through the decimal form.
		f, _ := strconv.ParseFloat(strconv.FormatFloat(float64(value), 'g', -1, 32), 64)
		return restoreAll(f, port)
	case float64:
		if math.IsNaN(value) || math.IsInf(value, 0) {
			return fmt.Sprint(value)
		}
	case nil, bool, int, int64:
	default:
		// compose-go has its own types for some plain values.
		switch v := reflect.ValueOf(value); {
		case v.Kind() == reflect.Bool:
			return v.Bool()
		case v.CanInt():
			return v.Int()
		case v.CanUint():
			return int64(min(v.Uint(), math.MaxInt64))
		default:
			return restoreAll(fmt.Sprint(value), port)
		}
	}
	return value
}

func keep(value any) (any, bool) { return value, true }

// fields reads the named members of a mapping; an empty body is an empty
// mapping.
type fields map[string]reading

func (f fields) read(value any) (any, bool) {
	if value == nil {
		return map[string]any{}, true
	}
	m, ok := value.(map[string]any)
	if !ok {
		return nil, false
	}
	for name, member := range m {
		read, known := f[name]
		if member == nil {
			// An empty member says nothing, except for the sections themselves.
			if known {
				if empty, ok := read(nil); ok && empty != nil {
					m[name] = empty
					continue
				}
			}
			delete(m, name)
			continue
		}
		if !known {
			continue
		}
		if v, ok := read(member); ok {
			m[name] = v
		} else {
			delete(m, name)
		}
	}
	return m, true
}

// each reads every entry of a mapping with chosen names.
func each(read reading) reading {
	return func(value any) (any, bool) {
		m := map[string]any{}
		switch value := value.(type) {
		case map[string]any:
			for name, member := range value {
				if v, ok := read(member); ok {
					m[name] = v
				}
			}
		case []any:
			for _, name := range value {
				m[fmt.Sprint(name)], _ = read(nil)
			}
		case nil:
		default:
			return nil, false
		}
		return m, true
	}
}

func list(item fields) reading {
	return func(value any) (any, bool) {
		items, ok := value.([]any)
		if !ok {
			return nil, false
		}
		out := make([]any, 0, len(items))
		for _, v := range items {
			// A broken item stays as an empty one: indexes must not move.
			read, ok := item.read(v)
			if !ok {
				read = map[string]any{}
			}
			out = append(out, read)
		}
		return out, true
	}
}

func text(value any) (any, bool) {
	switch value.(type) {
	case nil, []any, map[string]any:
		return nil, false
	}
	return fmt.Sprint(value), true
}

func texts(value any) (any, bool) {
	items, ok := value.([]any)
	if !ok {
		s, ok := text(value)
		return []any{s}, ok
	}
	out := make([]any, len(items))
	for i, item := range items {
		if out[i], ok = text(item); !ok {
			out[i] = ""
		}
	}
	return out, true
}

// keyValues reads a mapping, or a list of `KEY=value`, as a mapping of
// strings. With nullable a key without a value is null, else it is empty.
func keyValues(nullable bool) reading {
	return func(value any) (any, bool) {
		m := map[string]any{}
		set := func(key string, value any) {
			if s, ok := text(value); ok {
				m[key] = s
			} else if value == nil && nullable {
				m[key] = nil
			} else {
				m[key] = ""
			}
		}
		switch value := value.(type) {
		case map[string]any:
			for key, v := range value {
				set(key, v)
			}
		case []any:
			for _, item := range value {
				key, v, found := strings.Cut(fmt.Sprint(item), "=")
				if key = strings.ReplaceAll(key, "$$", "$"); found {
					set(key, v)
				} else {
					set(key, nil)
				}
			}
		default:
			return nil, false
		}
		return m, true
	}
}

func hosts(value any) (any, bool) {
	var list types.HostsList
	if err := list.DecodeMapstructure(value); err != nil {
		return nil, false
	}
	m := map[string]any{}
	for host, addresses := range list {
		out := make([]any, len(addresses))
		for i, address := range addresses {
			out[i] = address
		}
		m[host] = out
	}
	return m, true
}

func command(value any) (any, bool) {
	var words types.ShellCommand
	if err := words.DecodeMapstructure(value); err != nil || value == nil {
		return nil, false
	}
	out := make([]any, len(words))
	for i, word := range words {
		out[i] = word
	}
	return out, true
}

func healthTest(value any) (any, bool) {
	if s, ok := value.(string); ok {
		return []any{"CMD-SHELL", s}, true
	}
	return texts(value)
}

func capabilities(value any) (any, bool) {
	names, ok := texts(value)
	if !ok {
		return nil, false
	}
	items, _ := names.([]any)
	for i, name := range items {
		items[i] = strings.TrimPrefix(strings.ToUpper(name.(string)), "CAP_")
	}
	return items, true
}

// options splits security options at the first `=` or `:`.
func options(value any) (any, bool) {
	entries, ok := texts(value)
	if !ok {
		return nil, false
	}
	items, _ := entries.([]any)
	for i, entry := range items {
		s := entry.(string)
		name, rest := s, ""
		if at := strings.IndexAny(s, "=:"); at >= 0 {
			name, rest = s[:at], s[at+1:]
		}
		items[i] = map[string]any{"name": name, "value": rest}
	}
	return items, true
}

func pullPolicy(value any) (any, bool) {
	if value == types.PullPolicyIfNotPresent {
		return types.PullPolicyMissing, true
	}
	return text(value)
}

func target(value any) (any, bool) {
	s, ok := value.(string)
	if !ok || s == "" {
		return value, ok
	}
	return path.Clean(s), true
}

func ulimit(value any) (any, bool) {
	if m, ok := value.(map[string]any); ok {
		return fields{"soft": integer, "hard": integer}.read(m)
	}
	n, ok := integer(value)
	return map[string]any{"soft": n, "hard": n}, ok
}

// boolean reads what Compose takes for true or false. Whatever is neither is
// given as unless: the answer that a rule objects to.
func boolean(unless bool) reading {
	return func(value any) (any, bool) {
		switch value := value.(type) {
		case nil:
			return nil, false
		case bool:
			return value, true
		case string:
			switch strings.ToLower(value) {
			case "true", "y", "yes", "on":
				return true, true
			case "false", "n", "no", "off":
				return false, true
			}
		}
		return unless, true
	}
}

// count reads how many devices are asked for; all of them is -1.
func count(value any) (any, bool) {
	if value == "all" {
		return -1, true
	}
	return integer(value)
}

func integer(value any) (any, bool) {
	switch n := value.(type) {
	case int, int64:
		return n, true
	case float64:
		return int64(max(-1<<62, min(1<<62, n))), true
	case string:
		if i, err := strconv.ParseInt(strings.TrimSpace(n), 10, 64); err == nil {
			return i, true
		}
		// Too large for an integer is still too large for a rule.
		f, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
		return int64(max(-1<<62, min(1<<62, f))), err == nil && !math.IsNaN(f)
	}
	return nil, false
}

func number(value any) (any, bool) {
	switch n := value.(type) {
	case int, int64, float64:
		return n, true
	case string:
		f, err := strconv.ParseFloat(strings.TrimSpace(n), 64)
		return f, err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
	}
	return nil, false
}

// bytes reads a size such as 512m as bytes, in powers of 1024 as Docker does.
func bytes(value any) (any, bool) {
	if s, ok := value.(string); ok {
		if n, err := units.RAMInBytes(s); err == nil {
			return n, true
		}
	}
	return integer(value)
}

// seconds reads a duration such as 1m30s.
func seconds(value any) (any, bool) {
	d, err := str2duration.ParseDuration(fmt.Sprint(value))
	return d.Seconds(), err == nil
}

// clone copies a model deeply.
func clone(value any) any {
	switch value := value.(type) {
	case map[string]any:
		out := make(map[string]any, len(value))
		for key, v := range value {
			out[key] = clone(v)
		}
		return out
	case []any:
		out := make([]any, len(value))
		for i, v := range value {
			out[i] = clone(v)
		}
		return out
	}
	return value
}

func sortedKeys(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
