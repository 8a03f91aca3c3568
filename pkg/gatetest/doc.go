// Package gatetest holds the tests of the gate: the workflows under
// .github/workflows and their scripts, the action, the hook, and the release of the
// tool. Nothing imports it.
//
// The workflows are read as they are. Rules are held against all of them, each with
// a case that breaks it, and their jobs' commands are run in order against a Git
// remote, a registry and a chain on loopback.
package gatetest
