package compose

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"strings"
	"testing"

	"github.com/opengpu-network/templates/pkg/finding"
)

// load lays out files, given as name and content in turn, and loads the first.
func load(t testing.TB, files ...string) (*Project, []finding.Finding) {
	t.Helper()
	dir := t.TempDir()
	for i := 0; i < len(files); i += 2 {
		name := filepath.Join(dir, files[i])
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(files[i+1]), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { root.Close() })
	return Load(context.Background(), root, files[0], func(name string) string { return name })
}

func summary(problems []finding.Finding) string {
	finding.Sort(problems)
	var lines []string
	for _, p := range problems {
		lines = append(lines, fmt.Sprintf("%s:%d:%d %s %s", p.File, p.Line, p.Column, p.Rule, p.Message))
	}
	return strings.Join(lines, "\n")
}

// segments splits a dotted path into keys and indexes.
func segments(path string) (all []any) {
	for _, s := range strings.Split(path, ".") {
		if i, err := strconv.Atoi(s); err == nil {
			all = append(all, i)
		} else {
			all = append(all, s)
		}
	}
	return all
}

// value returns what a dotted path leads to in the model, as JSON.
func value(p *Project, path string) string {
	text, err := json.Marshal(dig(p.Model, segments(path)))
	if err != nil {
		return err.Error()
	}
	return string(text)
}

func TestModel(t *testing.T) {
	p, problems := load(t, "compose.yml", `
version: "3"
x-env: &env {A: "1"}
services:
  a:
    image: "reg.example:5000/x/y:1@sha256:4a559b2dd3ef125d83f0b65f3f48d4795569c47d9ddbc3de36b3c1532da194d8"
    x-note: ignored
    ports: ["${PORT}:5555", "8000-8001:9000-9001/udp", {target: 1, published: 2}]
    environment: ["CALLBACK_URL=${CALLBACK_URL}", KEY, PORT, "B=x$$y${FOO:-${BAR}/}", "C=$${PORT}"]
    extra_hosts: ["host.docker.internal:host-gateway", "v6=[::1]"]
    cap_drop: [all]
    cap_add: [CAP_net_admin]
    security_opt: ["no-new-privileges=true", "label:user:x"]
    read_only: "true"
    privileged: "yes"
    cpus: 0.1
    mem_limit: 512m
    memswap_limit: -1
    pids_limit: "100"
    command: sh -c "echo $$HOME"
    tmpfs: /tmp
    shm_size: 1gb
    gpus: all
    ulimits: {nofile: 10, nproc: {soft: 1, hard: 2}}
    volumes: ["cache:/c/", "${X:-/}:/h:ro", "//etc/./x:/e", {type: tmpfs, target: /t, tmpfs: {size: 1k}}]
    healthcheck: {test: curl -f, interval: 1m30s}
    depends_on: [b]
    pull_policy: if_not_present
  b:
    image: b
    environment: *env
    networks: [inner, default]
    logging: {options: {max-size: 10}}
    labels: [a=b, c]
    deploy:
      resources: {limits: {cpus: "0.5", memory: 2G}, reservations: {devices: [{driver: nvidia, capabilities: [gpu]}]}}
volumes: {cache: }
networks: {inner: {internal: "true"}}
`)
	if got := summary(problems); got != "" {
		t.Fatal(got)
	}
	for path, want := range map[string]string{
		"services.a.ports.0":                 `{"mode":"ingress","protocol":"tcp","published":"${PORT}","target":5555}`,
		"services.a.ports.2":                 `{"mode":"ingress","protocol":"udp","published":"8001","target":9001}`,
		"services.a.ports.3":                 `{"mode":"ingress","protocol":"tcp","published":"2","target":1}`,
		"services.a.environment":             `{"B":"x$$y/","C":"$${PORT}","CALLBACK_URL":"${CALLBACK_URL}","KEY":null,"PORT":"${PORT}"}`,
		"services.a.extra_hosts":             `{"host.docker.internal":["host-gateway"],"v6":["::1"]}`,
		"services.a.cap_drop":                `["ALL"]`,
		"services.a.cap_add":                 `["NET_ADMIN"]`,
		"services.a.security_opt":            `[{"name":"no-new-privileges","value":"true"},{"name":"label","value":"user:x"}]`,
		"services.a.read_only":               `true`,
		"services.a.privileged":              `true`,
		"services.a.cpus":                    `0.1`,
		"services.a.mem_limit":               `536870912`,
		"services.a.memswap_limit":           `-1`,
		"services.a.pids_limit":              `100`,
		"services.a.command":                 `["sh","-c","echo $$HOME"]`,
		"services.a.tmpfs":                   `["/tmp"]`,
		"services.a.shm_size":                `1073741824`,
		"services.a.gpus":                    `[{"count":-1}]`,
		"services.a.ulimits":                 `{"nofile":{"hard":10,"soft":10},"nproc":{"hard":2,"soft":1}}`,
		"services.a.volumes.0":               `{"source":"cache","target":"/c","type":"volume","volume":{}}`,
		"services.a.volumes.1.source":        `"/"`,
		"services.a.volumes.2.source":        `"/etc/x"`,
		"services.a.volumes.3.tmpfs.size":    `1024`,
		"services.a.healthcheck":             `{"interval":90,"test":["CMD-SHELL","curl -f"]}`,
		"services.a.depends_on.b.condition":  `"service_started"`,
		"services.a.pull_policy":             `"missing"`,
		"services.a.networks":                `{"default":{}}`,
		"services.a.x-note":                  `null`,
		"services.b.environment":             `{"A":"1"}`,
		"services.b.networks":                `{"default":{},"inner":{}}`,
		"services.b.logging.options":         `{"max-size":"10"}`,
		"services.b.labels":                  `{"a":"b","c":""}`,
		"services.b.deploy.resources.limits": `{"cpus":0.5,"memory":2147483648}`,
		"services.b.deploy.resources.reservations.devices.0.count": `-1`,
		"networks": `{"default":{},"inner":{"internal":true}}`,
		"volumes":  `{"cache":{}}`,
	} {
		if got := value(p, path); got != want {
			t.Errorf("%s is %s, want %s", path, got, want)
		}
	}
	want := Image{Reference: p.Images["a"].Reference, Registry: "reg.example:5000", Repository: "x/y", Tag: "1", Digest: "sha256:4a559b2dd3ef125d83f0b65f3f48d4795569c47d9ddbc3de36b3c1532da194d8"}
	if p.Images["a"] != want {
		t.Errorf("image is %+v", p.Images["a"])
	}
	var variables []string
	for _, v := range p.Variables {
		variables = append(variables, fmt.Sprintf("%d:%s%s@%s", v.Line, v.Name, v.Operator, v.Pattern()))
	}
	if got, want := strings.Join(variables, " "), "8:PORT@services.*.ports 9:CALLBACK_URL@services.*.environment 9:FOO:-@services.*.environment 9:BAR@services.*.environment 25:X:-@services.*.volumes"; got != want {
		t.Errorf("variables are\n%s, want\n%s", got, want)
	}
}

// The position of every node survives includes, extends, merges and short
// forms.
func TestLocate(t *testing.T) {
	p, problems := load(t, "compose/cpu.yml", `include: [../shared/inc.yml]
services:
  web:
    extends: {file: ../shared/base.yml, service: base}
    ports: ["${PORT}:5555"]
    environment:
      - OWN=1
  other:
    extends: web
    volumes: [vb:/b]
volumes: {vb: }
`, "shared/base.yml", `x-common: &common
  cap_drop:
    - ALL
services:
  base:
    <<: *common
    image: base
    ports:
      - "7000-7001:7000-7001"
    environment:
      FROM_BASE: yes
    volumes: [va:/a]
`, "shared/inc.yml", `services:
  included:
    image: inc
    privileged: true
volumes: {va: }
`)
	if got := summary(problems); got != "" {
		t.Fatal(got)
	}
	if got := strings.Join(p.Files, " "); got != "compose/cpu.yml shared/inc.yml shared/base.yml" {
		t.Error("files are", got)
	}
	for path, want := range map[string]string{
		"services.web.image":                 "shared/base.yml:7:12",
		"services.web.cap_drop.0":            "shared/base.yml:3:7",
		"services.web.environment.FROM_BASE": "shared/base.yml:11:18",
		"services.web.environment.OWN":       "compose/cpu.yml:7:9",
		"services.web.environment.NONE":      "compose/cpu.yml:6:5",
		"services.web.ports.0.published":     "shared/base.yml:9:9",
		"services.web.ports.1":               "shared/base.yml:9:9",
		"services.web.ports.2":               "compose/cpu.yml:5:13",
		"services.web.read_only":             "compose/cpu.yml:3:3",
		"services.other.volumes.0":           "shared/base.yml:12:15",
		"services.other.volumes.1":           "compose/cpu.yml:10:15",
		"services.included.privileged":       "shared/inc.yml:4:17",
		"services.included.user":             "shared/inc.yml:2:3",
		"volumes.va":                         "shared/inc.yml:5:11",
		"include.0":                          "compose/cpu.yml:1:11",
		"networks":                           "compose/cpu.yml:1:1",
	} {
		at := p.Locate(segments(path))
		if got := fmt.Sprintf("%s:%d:%d", at.File, at.Line, at.Column); got != want {
			t.Errorf("%s is at %s, want %s", path, got, want)
		}
	}
}

// Whatever is wrong is said, all of it, and hides nothing else: a privileged
// container in the same file is still in the model.
func TestProblems(t *testing.T) {
	const witness = "\n  witness: {image: w, privileged: true}\n"
	for name, c := range map[string]struct {
		files []string
		want  string
	}{
		"unknown keys": {[]string{"c.yml", "servces: {}\nservices:\n  a:\n    image: x\n    privilged: true\n    ports: {a: b}" + witness},
			"c.yml:1:1 syntax/schema unknown key \"servces\": did you mean \"services\"?\n" +
				"c.yml:5:5 syntax/schema unknown key \"privilged\": did you mean \"privileged\"?\n" +
				"c.yml:6:5 syntax/schema must be a list, not a mapping"},
		"wrong types": {[]string{"c.yml", "services:\n  a:\n    image: [x]\n    read_only: 3\n    healthcheck: {retries: many}" + witness},
			"c.yml:3:5 syntax/schema must be a string, not a list\n" +
				"c.yml:4:16 syntax/schema must be true or false or a string, not a number\n" +
				"c.yml:5:28 syntax/model is refused by Compose: parsing \"many\": invalid syntax"},
		"bad values": {[]string{"c.yml", "services:\n  a:\n    image: x\n    ports: [\"80:80\", \"a:b\"]\n    mem_limit: lots\n    stop_grace_period: soon" + witness},
			"c.yml:4:22 syntax/model is refused by Compose: invalid containerPort: b\n" +
				"c.yml:5:16 syntax/model is refused by Compose: 'services[a].mem_limit' invalid size: 'lots'\n" +
				"c.yml:6:24 syntax/model is refused by Compose: 'services[a].stop_grace_period' time: invalid duration \"soon\""},
		"undefined": {[]string{"c.yml", "services:\n  a:\n    image: x\n    volumes: [vol:/v]\n    networks: [n, m]\n    depends_on: [z]" + witness},
			"c.yml:4:15 syntax/model is refused by Compose: service \"a\" refers to undefined volume vol\n" +
				"c.yml:5:16 syntax/model is refused by Compose: service \"a\" refers to undefined network n\n" +
				"c.yml:5:19 syntax/model is refused by Compose: service \"a\" refers to undefined network m\n" +
				"c.yml:6:18 syntax/model is refused by Compose: service \"a\" depends on undefined service \"z\""},
		"interpolation": {[]string{"c.yml", "services:\n  a:\n    image: \"${\"\n    user: \"${A:?must be set}\"\n    hostname: \"${B?}\"" + witness}, "c.yml:3:12 syntax/interpolation cannot be interpolated: invalid template: \"${\"\n" +
			"c.yml:4:11 syntax/interpolation cannot be interpolated: required variable A is missing a value: must be set\n" +
			"c.yml:5:15 syntax/interpolation cannot be interpolated: required variable B is missing a value"},
		"nesting":      {[]string{"c.yml", "services:\n  a:\n    image: x\n    user: \"" + strings.Repeat("${A:-", 20) + strings.Repeat("}", 20) + "\"" + witness}, "c.yml:4:11 syntax/limits nests variables deeper than 8 levels"},
		"many ports":   {[]string{"c.yml", "services:\n  a:\n    image: x\n    ports: [\"1-65535:1-65535\"]" + witness}, "c.yml:4:13 syntax/limits the port ranges of this file span more than 200 ports"},
		"no mapping":   {[]string{"c.yml", "services: [a]\n"}, "c.yml:1:1 syntax/schema must be a mapping, not a list"},
		"null service": {[]string{"c.yml", "services:\n  a:" + witness}, "c.yml:2:3 syntax/schema must be a mapping, not empty"},
		"remote": {[]string{"c.yml", "include:\n  - https://example.com/c.yml\n  - oci://example.com/c\n  - path: git@example.com:x.git\nservices:" + witness}, "c.yml:2:5 syntax/include includes \"https://example.com/c.yml\", which is remote: nothing is fetched\n" +
			"c.yml:3:5 syntax/include includes \"oci://example.com/c\", which is remote: nothing is fetched\n" +
			"c.yml:4:11 syntax/include includes \"git@example.com:x.git\", which is remote: nothing is fetched"},
		"outside": {[]string{"c.yml", "include: [../x.yml, /etc/passwd, gone.yml]\nservices:\n  a: {extends: {file: ../../b.yml, service: s}, image: x}" + witness}, "c.yml:1:11 syntax/include includes \"../x.yml\", which lies outside the template's folder\n" +
			"c.yml:1:21 syntax/include includes \"/etc/passwd\", which lies outside the template's folder\n" +
			"c.yml:1:34 syntax/include includes \"gone.yml\", which does not exist\n" +
			"c.yml:3:23 syntax/include service \"a\" extends \"../../b.yml\", which lies outside the template's folder"},
		"circles": {[]string{"c.yml", "include: [d.yml]\nservices:\n  a: {extends: b}\n  b: {extends: a}\n  c: {extends: {file: d.yml, service: gone}, image: c}" + witness, "d.yml", "include: [c.yml]\nservices: {d: {image: d}}\n"}, "c.yml:3:16 syntax/model service \"a\" extends itself in a circle\n" +
			"c.yml:4:16 syntax/model service \"b\" extends itself in a circle\n" +
			"c.yml:5:39 syntax/model service \"c\" extends \"gone\", which is not there\n" +
			"d.yml:1:11 syntax/include includes \"c.yml\", which includes this file in turn"},
		"env files": {[]string{"c.yml", "include:\n  - path: d.yml\n    env_file: secret.env\nservices:" + witness, "d.yml", "services: {d: {image: d}}\n", "secret.env", "A=b\n"}, "c.yml:3:5 syntax/include an include reads variables from a file, which is not part of what is published"},
		"broken include": {[]string{"c.yml", "include: [d.yml]\nservices:" + witness, "d.yml", "a: [\n"}, "c.yml:1:11 syntax/include includes \"d.yml\", which cannot be read\n" +
			"d.yml:2:1 syntax/yaml cannot be parsed: did not find expected node content"},
		"empty in flow": {[]string{"c.yml", "services:\n  a: {image: x, pid: 5, networks: {n: }, tmpfs: [&x /t, /u]}" + witness + "networks: {n: }\n"}, "c.yml:2:22 syntax/schema must be a string, not a number"},
		"size": {[]string{"c.yml", "services:\n  a:\n    image: x\n    shm_size: 1e7\n    deploy: {resources: {limits: {memory: 1.5e9}}}" + witness},
			"c.yml:4:15 syntax/schema is a size that Compose passes over: write whole bytes, or text such as 512mb\n" +
				"c.yml:5:43 syntax/schema is a size that Compose passes over: write whole bytes, or text such as 512mb"},
		"mark": {[]string{"c.yml", "services:\n  a: {image: x, user: \"\\uFDD0PORT\\uFDD1\"}" + witness}, "c.yml:2:23 syntax/interpolation holds the Unicode noncharacter U+FDD0 or U+FDD1\n" +
			"c.yml:2:24 syntax/hidden-character holds U+FDD0, a noncharacter\nc.yml:2:34 syntax/hidden-character holds U+FDD1, a noncharacter"},
	} {
		t.Run(name, func(t *testing.T) {
			p, problems := load(t, c.files...)
			if got := summary(problems); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
			if strings.Contains(c.files[1], "witness") && (p == nil || value(p, "services.witness.privileged") != "true") {
				t.Error("the privileged witness is hidden")
			}
		})
	}
}

// A variable is reported wherever an alias or a merge brings it.
func TestVariablesThroughAliases(t *testing.T) {
	p, _ := load(t, "c.yml", `x-name: &name "n-${PROTOCOL_VERSION}"
x-all: &all {user: "${PORT}", hostname: "${X}"}
services:
  a: {<<: *all, image: *name, hostname: own}
`)
	var got []string
	for _, v := range p.Variables {
		got = append(got, fmt.Sprintf("%s@%v:%d", v.Name, v.Path, v.Line))
	}
	want := "PROTOCOL_VERSION@[services a image]:1 PORT@[services a user]:2"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
}

// What has been parsed here means to compose-go what the file means to it.
func TestParsedIsRead(t *testing.T) {
	seed, err := os.ReadFile("testdata/seeds/short.yml")
	if err != nil {
		t.Fatal(err)
	}
	parsed, _ := load(t, "compose.yml", string(seed))
	// A second file makes compose-go parse them itself.
	read, _ := load(t, "compose.yml", string(seed)+"include: [other.yml]\n", "other.yml", "x-nothing: {}\n")
	if parsed == nil || read == nil || !reflect.DeepEqual(parsed.Model, read.Model) {
		t.Error("the models differ")
	}
}
