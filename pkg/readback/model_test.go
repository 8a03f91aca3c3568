package readback_test

import (
	"maps"
	"reflect"
	"strings"
	"testing"

	"github.com/compose-spec/compose-go/v2/types"

	"github.com/opengpu-network/templates/pkg/readback"
)

// notInContainer are the keys of a service that leave nothing in its container
// that could be compared, each with its reason.
var notInContainer = map[string]string{
	"Name":           "the key in the model",
	"Profiles":       "decides whether the service is part of the model",
	"Attach":         "what the client shows",
	"Build":          "makes the image, whose ID is compared",
	"Develop":        "for `watch` only",
	"CredentialSpec": "of Windows only; refused by the engine",
	"DependsOn":      "an order in time",
	"Dockerfile":     "not of the specification any more",
	"Provider":       "has no container",
	"EnvFiles":       "read into environment when the model is made",
	"Expose":         "opens nothing",
	"Extends":        "resolved when the model is made",
	"LabelFiles":     "read into labels when the model is made",
	"CustomLabels":   "the harness's labels",
	"LogDriver":      "not of the specification any more",
	"LogOpt":         "not of the specification any more",
	"Models":         "needs a part of Docker Desktop, without which Compose refuses",
	"Net":            "not of the specification any more",
	"PullPolicy":     "decides which image is used, whose ID is compared",
	"UseAPISocket":   "adds a mount that the model does not have, which is a difference",
	"PreStart":       "runs in containers of its own, which are a difference while they are there",
	"PostStart":      "runs beside the service's process",
	"PreStop":        "runs beside the service's process",
	"Extensions":     "means nothing to Compose",

	"Configs[0].UID":  "not applied to files by Compose",
	"Configs[0].GID":  "not applied to files by Compose",
	"Configs[0].Mode": "not applied to files by Compose",
	"Configs[+]":      "a config without a file is copied in and mounts nothing",
	"Secrets[0].UID":  "not applied to files by Compose",
	"Secrets[0].GID":  "not applied to files by Compose",
	"Secrets[0].Mode": "not applied to files by Compose",
	"Secrets[+]":      "a secret without a file is copied in and mounts nothing",

	"Deploy.Mode":                                    "of swarms only",
	"Deploy.Labels":                                  "of swarms only",
	"Deploy.UpdateConfig":                            "of swarms only",
	"Deploy.RollbackConfig":                          "of swarms only",
	"Deploy.Placement":                               "of swarms only",
	"Deploy.EndpointMode":                            "of swarms only",
	"Deploy.Resources.Limits.Devices":                "no limit in the specification",
	"Deploy.Resources.Limits.GenericResources":       "of swarms only",
	"Deploy.Resources.Reservations.NanoCPUs":         "of swarms only",
	"Deploy.Resources.Reservations.Pids":             "a limit only",
	"Deploy.Resources.Reservations.GenericResources": "of swarms only",
	"MemReservation":                                 "deploy goes before it",
	"MemLimit":                                       "deploy goes before it",
	"CPUS":                                           "deploy goes before it",
	"PidsLimit":                                      "deploy goes before it",
	"Networks{*}.Priority":                           "an order of the networks, of which any may be the first",
	"Ports[0].Name":                                  "a note",
	"Ports[0].Mode":                                  "of swarms only",
	"Ports[0].AppProtocol":                           "a note",
	"Volumes[0].Tmpfs":                               "for another type of mount",
	"Volumes[0].Image":                               "for another type of mount",
	"Volumes[0].Bind.CreateHostPath":                 "whether the folder would have been made",
	"Volumes[0].Consistency":                         "a note for Docker Desktop",
	"Logging.Options{-}":                             "one that keeps logs small may come from the engine's own settings",
	"Volumes[0].Volume.Labels":                       "of anonymous volumes",
}

// keptSince are the keys that engines keep from a version of the API on.
var keptSince = map[string]string{
	"HealthCheck.StartInterval": "1.44",
}

// everyKey changes every key that a service of the model has, one at a time:
// a container that was started without the change is not what the model says.
func everyKey(t *testing.T, s stack, state readback.State) {
	used, notInContainer := map[string]bool{}, maps.Clone(notInContainer)
	maps.Copy(notInContainer, toldLater(keptSince, state.Engine))
	for _, m := range mutations(reflect.TypeFor[types.ServiceConfig](), "") {
		path := strings.TrimPrefix(m.path, ".")
		project, err := s.project.WithProfiles(nil)
		if err != nil {
			t.Fatal(err)
		}
		model := project.Services["base"]
		if !m.apply(reflect.ValueOf(&model).Elem()) {
			continue
		}
		project.Services["base"] = model
		differences := readback.Compare(project, state)
		if prefix := listed(notInContainer, path); prefix != "" {
			used[prefix] = true
			if len(differences) > 0 {
				t.Errorf("%s is compared: take it off the list (%+v)", path, differences[0])
			}
		} else if len(differences) == 0 && !strings.Contains(path, "Extensions") {
			t.Errorf("%s is not compared: compare it, or put it on the list with a reason", path)
		}
	}
	for path := range notInContainer {
		if !used[path] {
			t.Errorf("%s is on the list, and no key has it", path)
		}
	}
}
