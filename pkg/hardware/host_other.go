//go:build !linux

package hardware

import "errors"

// ReadHost reads the facts from the kernel that this process runs on. Only Linux
// tells them.
func ReadHost() (Facts, error) {
	return Facts{}, errors.New("the facts about a host can be read on Linux only: read them in a container on the engine")
}

// HostAMDMemoryUsed is AMDMemoryUsed of the kernel that this process runs on.
func HostAMDMemoryUsed() (int64, error) {
	return 0, errors.New("the memory in use on AMD GPUs can be read on Linux only")
}
