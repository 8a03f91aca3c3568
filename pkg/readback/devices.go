package readback

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/types"
	"github.com/moby/moby/api/types/container"
)

// cdiDriver is the driver of devices in the Container Device Interface.
const cdiDriver = "cdi"

func (s *subject) devices() {
	var want, got, requests, realRequests []string
	var cdi []string
	for _, device := range s.model.Devices {
		if isCDI(device) {
			cdi = append(cdi, device.Source)
			continue
		}
		want = append(want, mapping(device.Source, device.Target, device.Permissions))
	}
	for _, device := range s.host.Devices {
		got = append(got, mapping(device.PathOnHost, device.PathInContainer, device.CgroupPermissions))
	}
	s.set("devices", want, got)
	s.set("device_cgroup_rules", s.model.DeviceCgroupRules, s.host.DeviceCgroupRules)

	if len(cdi) > 0 {
		requests = append(requests, request(container.DeviceRequest{Driver: cdiDriver, DeviceIDs: cdi}))
	}
	if deploy := s.model.Deploy; deploy != nil && deploy.Resources.Reservations != nil {
		for _, device := range deploy.Resources.Reservations.Devices {
			requests = append(requests, request(deviceRequest(device, device.Capabilities)))
		}
	}
	for _, device := range s.model.Gpus {
		requests = append(requests, request(deviceRequest(device, slices.Concat(device.Capabilities, []string{"gpu"}))))
	}
	for _, real := range s.host.DeviceRequests {
		realRequests = append(realRequests, request(real))
	}
	field := "deploy.resources.reservations.devices"
	if len(s.model.Gpus) > 0 {
		field = "gpus"
	}
	s.set(field, requests, realRequests)
}

// isCDI tells devices such as vendor.com/gpu=0 from paths.
func isCDI(device types.DeviceMapping) bool {
	return device.Source == device.Target && !strings.HasPrefix(device.Source, "/") && strings.Contains(device.Source, "=")
}

func mapping(source, target, permissions string) string {
	return source + ":" + target + ":" + cmp.Or(permissions, "rwm")
}

func deviceRequest(device types.DeviceRequest, capabilities []string) container.DeviceRequest {
	return container.DeviceRequest{
		Driver: device.Driver, Count: int(device.Count), DeviceIDs: device.IDs,
		Capabilities: [][]string{capabilities}, Options: device.Options,
	}
}

// request is a device request as text, with nothing left to its order.
func request(r container.DeviceRequest) string {
	var alternatives []string
	for _, all := range r.Capabilities {
		if len(all) > 0 {
			alternatives = append(alternatives, strings.Join(slices.Compact(sorted(all)), "+"))
		}
	}
	slices.Sort(alternatives)
	var options []string
	for _, name := range slices.Sorted(maps.Keys(r.Options)) {
		options = append(options, name+"="+r.Options[name])
	}
	return fmt.Sprintf("driver %s, count %d, ids [%s], capabilities [%s], options [%s]",
		cmp.Or(r.Driver, "any"), r.Count, strings.Join(sorted(r.DeviceIDs), " "), strings.Join(alternatives, " or "), strings.Join(options, " "))
}
