// Package contracts holds the interfaces of OpenGPU's contracts that sources are
// made with, and the Go types that speak them: Nexus, the registry, and Source,
// of which there is one for each source. The Solidity files say what each
// parameter is, and its unit.
package contracts

//go:generate go run ./generate/main.go
