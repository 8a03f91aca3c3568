package catalog

import (
	"encoding/json"
	"fmt"

	"github.com/opengpu-network/templates/pkg/document"
)

// Environment is the hardware type of one compose file. Its value is the bit
// that stands for it on the chain; a source holds the bit-or of its own.
type Environment uint8

// The environments, with their values on the chain.
const (
	CPU    Environment = 1
	NVIDIA Environment = 2
	AMD    Environment = 4
)

// AllEnvironments lists the environments in the order in which they are
// always shown: cpu, nvidia, amd.
func AllEnvironments() []Environment { return []Environment{CPU, NVIDIA, AMD} }

// EnvironmentNames lists the names of all environments, in the same order.
func EnvironmentNames() []string { return []string{"cpu", "nvidia", "amd"} }

// ParseEnvironment reads "cpu", "nvidia" or "amd".
func ParseEnvironment(name string) (Environment, error) {
	for _, e := range AllEnvironments() {
		if e.String() == name {
			return e, nil
		}
	}
	return 0, fmt.Errorf("unknown environment %q: use cpu, nvidia or amd%s", name, document.Suggest(name, EnvironmentNames()))
}

func (e Environment) String() string {
	switch e {
	case CPU:
		return "cpu"
	case NVIDIA:
		return "nvidia"
	case AMD:
		return "amd"
	default:
		return fmt.Sprintf("environment(%d)", uint8(e))
	}
}

// Bits returns the value on the chain of several environments together.
func Bits(environments []Environment) uint8 {
	var bits uint8
	for _, e := range environments {
		bits |= uint8(e)
	}
	return bits
}

// DeliveryMethod says how the response to a task is accepted. Its value is
// the one on the chain.
type DeliveryMethod uint8

// The delivery methods, with their values on the chain.
const (
	// ManualConfirmation lets the client choose the response it accepts.
	ManualConfirmation DeliveryMethod = 0
	// FirstResponse accepts the response that comes first.
	FirstResponse DeliveryMethod = 1
)

// ParseDeliveryMethod reads "MANUAL_CONFIRMATION" or "FIRST_RESPONSE". The
// error does not repeat the text.
func ParseDeliveryMethod(name string) (DeliveryMethod, error) {
	for _, m := range []DeliveryMethod{ManualConfirmation, FirstResponse} {
		if m.String() == name {
			return m, nil
		}
	}
	return 0, fmt.Errorf("must be MANUAL_CONFIRMATION or FIRST_RESPONSE")
}

func (m DeliveryMethod) String() string {
	switch m {
	case ManualConfirmation:
		return "MANUAL_CONFIRMATION"
	case FirstResponse:
		return "FIRST_RESPONSE"
	default:
		return fmt.Sprintf("deliveryMethod(%d)", uint8(m))
	}
}

// MarshalJSON writes the method's name.
func (m DeliveryMethod) MarshalJSON() ([]byte, error) { return json.Marshal(m.String()) }

// UnmarshalJSON reads the method's name.
func (m *DeliveryMethod) UnmarshalJSON(data []byte) (err error) {
	var name string
	if err := json.Unmarshal(data, &name); err != nil {
		return err
	}
	if *m, err = ParseDeliveryMethod(name); err != nil {
		return fmt.Errorf("delivery method %q %w", name, err)
	}
	return nil
}
