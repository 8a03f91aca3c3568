// Package templates holds what the ogpu-tpl binary carries with it: the
// policies and the schemas. The catalog itself is read from disk.
package templates

import "embed"

// Policies are the built-in Rego policies, their helpers and their tables.
//
//go:embed all:policies
var Policies embed.FS

// PolicyInputSchema is the JSON Schema of the document that policies see.
//
//go:embed docs/schemas/policy-input.schema.json
var PolicyInputSchema []byte

// TemplateSchema is the JSON Schema of a template's manifest.
//
//go:embed docs/schemas/template.schema.json
var TemplateSchema []byte

// PublishersSchema is the JSON Schema of publishers.yaml.
//
//go:embed docs/schemas/publishers.schema.json
var PublishersSchema []byte
