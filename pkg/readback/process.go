package readback

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/moby/moby/api/types/container"
)

// process compares what is run, and as whom.
func (s *subject) process() {
	same(s, "user", cmp.Or(s.model.User, s.declared.User), s.config.User)
	same(s, "tty", s.model.Tty, s.config.Tty)
	same(s, "stdin_open", s.model.StdinOpen, s.config.OpenStdin)
	same(s, "working_dir", directory(cmp.Or(s.model.WorkingDir, s.declared.WorkingDir)), directory(s.config.WorkingDir))

	// An entrypoint in the model also sets the image's command aside.
	entrypoint, command := s.declared.Entrypoint, s.declared.Cmd
	if s.model.Entrypoint != nil {
		entrypoint, command = s.model.Entrypoint, nil
	}
	if s.model.Command != nil {
		command = s.model.Command
	}
	s.list("entrypoint", entrypoint, s.config.Entrypoint)
	s.list("command", command, s.config.Cmd)
	if slices.Equal(entrypoint, s.config.Entrypoint) && slices.Equal(command, s.config.Cmd) {
		// What the engine calls has to follow from them.
		s.list("command", slices.Concat(entrypoint, command), append([]string{s.real.Path}, s.real.Args...))
	}

	// SIGTERM is the default, which some engines write out.
	const terminate = "SIGTERM"
	same(s, "stop_signal", cmp.Or(s.model.StopSignal, s.declared.StopSignal, terminate), cmp.Or(s.config.StopSignal, terminate))
	grace, real := "", ""
	if s.model.StopGracePeriod != nil {
		grace = strconv.Itoa(int(time.Duration(*s.model.StopGracePeriod).Seconds())) + "s"
	}
	if s.config.StopTimeout != nil {
		real = strconv.Itoa(*s.config.StopTimeout) + "s"
	}
	same(s, "stop_grace_period", grace, real)

	// Without init in the model the engine's own default applies, and is not
	// written into the container.
	init := s.host.Init != nil && *s.host.Init
	same(s, "init", s.model.Init != nil && *s.model.Init, init)

	want, attempts := s.restart()
	same(s, "restart", want, cmp.Or(s.host.RestartPolicy.Name, container.RestartPolicyDisabled))
	same(s, "restart", attempts, s.host.RestartPolicy.MaximumRetryCount)
}

func (s *subject) restart() (container.RestartPolicyMode, int) {
	condition, number, _ := strings.Cut(s.model.Restart, ":")
	attempts, _ := strconv.Atoi(number)
	if s.model.Deploy != nil && s.model.Deploy.RestartPolicy != nil {
		policy := s.model.Deploy.RestartPolicy
		condition, attempts = cmp.Or(policy.Condition, "any"), 0
		if policy.MaxAttempts != nil {
			attempts = int(*policy.MaxAttempts)
		}
	}
	switch condition {
	case "", "none":
		condition = string(container.RestartPolicyDisabled)
	case "any":
		condition = string(container.RestartPolicyAlways)
	}
	return container.RestartPolicyMode(condition), attempts
}

// directory is a working directory; none is the root.
func directory(name string) string { return path.Clean("/" + name) }

func (s *subject) environment() {
	want := map[string]string{}
	for _, entry := range s.declared.Env {
		name, value, _ := strings.Cut(entry, "=")
		want[name] = value
	}
	got := map[string]string{}
	for _, entry := range s.config.Env {
		name, value, assigned := strings.Cut(entry, "=")
		if _, twice := got[name]; twice {
			s.differ("environment", name+" once", name+" twice")
		}
		// An entry without a value takes the variable out.
		if assigned {
			got[name] = value
		}
		if _, modelled := s.model.Environment[name]; !assigned && !modelled {
			s.differ("environment", "no "+name, name+" without a value")
		}
	}
	for name, value := range s.model.Environment {
		if value == nil {
			delete(want, name)
		} else {
			want[name] = *value
		}
	}
	s.mapping("environment", want, got)
}

// harness are the prefixes of the labels of those who start the stack.
var harness = []string{"com.docker.compose.", "org.testcontainers."}

func (s *subject) labels() {
	want := merge(s.declared.Labels, s.model.Labels)
	s.mapping("labels", withoutHarness(want), withoutHarness(s.config.Labels))
	s.mapping("annotations", s.model.Annotations, s.host.Annotations)
}

func withoutHarness(labels map[string]string) map[string]string {
	rest := map[string]string{}
	for name, value := range labels {
		if !slices.ContainsFunc(harness, func(prefix string) bool { return strings.HasPrefix(name+".", prefix) }) {
			rest[name] = value
		}
	}
	return rest
}

// healthcheck compares the check; what the model leaves open, the image fills.
func (s *subject) healthcheck() {
	var want, got container.HealthConfig
	if s.config.Healthcheck != nil {
		got = *s.config.Healthcheck
	}
	if model := s.model.HealthCheck; model != nil {
		want.Test = model.Test
		if model.Disable {
			want.Test = []string{"NONE"}
		}
		if model.Interval != nil {
			want.Interval = time.Duration(*model.Interval)
		}
		if model.Timeout != nil {
			want.Timeout = time.Duration(*model.Timeout)
		}
		if model.StartPeriod != nil {
			want.StartPeriod = time.Duration(*model.StartPeriod)
		}
		if model.StartInterval != nil {
			want.StartInterval = time.Duration(*model.StartInterval)
		}
		if model.Retries != nil {
			want.Retries = int(*model.Retries)
		}
	}
	if declared := s.declared.Healthcheck; declared != nil {
		if len(want.Test) == 0 {
			want.Test = declared.Test
		}
		want.Interval = cmp.Or(want.Interval, declared.Interval)
		want.Timeout = cmp.Or(want.Timeout, declared.Timeout)
		want.StartPeriod = cmp.Or(want.StartPeriod, declared.StartPeriod)
		want.StartInterval = cmp.Or(want.StartInterval, declared.StartInterval)
		want.Retries = cmp.Or(want.Retries, declared.Retries)
	}
	s.list("healthcheck.test", want.Test, got.Test)
	same(s, "healthcheck.interval", want.Interval, got.Interval)
	same(s, "healthcheck.timeout", want.Timeout, got.Timeout)
	same(s, "healthcheck.start_period", want.StartPeriod, got.StartPeriod)
	same(s, "healthcheck.retries", want.Retries, got.Retries)
	// Engines before 25 do not know it: they check at the ordinary interval.
	if got.StartInterval != 0 || !s.olderThan("1.44") {
		same(s, "healthcheck.start_interval", want.StartInterval, got.StartInterval)
	}
}
