package catalog

import (
	"fmt"
	"math/big"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxValueLength is the length of the longest value of a parameter, in code
// points, whatever its own maxLength says.
const MaxValueLength = 16_384

// ParameterType is the type of a parameter's value.
type ParameterType string

// The types of parameters.
const (
	StringType  ParameterType = "string"
	IntegerType ParameterType = "integer"
	NumberType  ParameterType = "number"
	BooleanType ParameterType = "boolean"
)

// Parameter is one thing that a user may set before publishing. The compose
// files carry its default in place.
type Parameter struct {
	// What the parameter does, for the person who sets it.
	Description string `json:"description" jsonschema:"minLength=1,maxLength=500"`
	// The type of its value.
	Type ParameterType `json:"type" jsonschema:"enum=string,enum=integer,enum=number,enum=boolean"`
	// The value that stands in the compose files.
	Default any `json:"default" jsonschema:"oneof_type=string;number;boolean"`
	// The only values that are accepted.
	Enum []any `json:"enum,omitempty" jsonschema:"minItems=1,maxItems=200,uniqueItems=true"`
	// A regular expression (RE2) that a string must match somewhere; anchor it with ^ and $.
	Pattern string `json:"pattern,omitempty" jsonschema:"minLength=1,maxLength=500"`
	// The least number that is accepted.
	Minimum *float64 `json:"minimum,omitempty"`
	// The greatest number that is accepted.
	Maximum *float64 `json:"maximum,omitempty"`
	// The length of the longest string that is accepted, in characters.
	MaxLength *int `json:"maxLength,omitempty" jsonschema:"minimum=1,maximum=16384"`
	// Parameters that depend on this one: whoever sets it is told to look at them too.
	With []string `json:"with,omitempty" jsonschema:"uniqueItems=true,minItems=1,maxItems=50"`
	// Where the value goes.
	Targets []Target `json:"targets" jsonschema:"minItems=1,maxItems=50"`
}

// Target is a place that takes a parameter's value: an environment variable
// of a service, or one member of the JSON object that the variable holds.
type Target struct {
	// The service in the compose files.
	Service string `json:"service" jsonschema:"maxLength=100,pattern=^[a-zA-Z0-9._-]+$"`
	// The environment variable of the service.
	Variable string `json:"variable" jsonschema:"maxLength=100,pattern=^[A-Za-z_][A-Za-z0-9_]*$"`
	// The member of the JSON object that the variable holds. Without it the variable is the value.
	Key string `json:"key,omitempty" jsonschema:"minLength=1,maxLength=100"`
}

// integerPattern and numberPattern are what JSON and Python read alike.
var (
	integerPattern = regexp.MustCompile(`^-?(0|[1-9][0-9]*)$`)
	numberPattern  = regexp.MustCompile(`^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$`)
)

// Value is a value that a parameter accepts.
type Value struct {
	parameterType ParameterType
	text          string
}

// String returns the value as an environment variable holds it: a string as
// it is, a number in its shortest form, true or false.
func (v Value) String() string { return v.text }

// Parse reads a value for the parameter from text and checks everything that
// the manifest asks of it. The error completes the sentence "the value …".
func (p Parameter) Parse(text string) (Value, error) {
	if utf8.RuneCountInString(text) > MaxValueLength {
		return Value{}, fmt.Errorf("is longer than %d characters", MaxValueLength)
	}
	value, err := p.convert(text)
	if err != nil {
		return Value{}, err
	}
	if err := p.check(value); err != nil {
		return Value{}, err
	}
	return value, nil
}

// ParseDefault reads the parameter's own default the same way.
func (p Parameter) ParseDefault() (Value, error) {
	text, ok := p.scalar(p.Default)
	if !ok {
		return Value{}, fmt.Errorf("must be %s", p.Type.article())
	}
	return p.Parse(text)
}

func (t ParameterType) article() string {
	switch t {
	case StringType:
		return "a string"
	case IntegerType:
		return "an integer of at most 64 bits, such as 5"
	case NumberType:
		return "a finite number, such as 0.5"
	default:
		return "true or false"
	}
}

func (p Parameter) convert(text string) (Value, error) {
	wrong := fmt.Errorf("must be %s", p.Type.article())
	value := Value{parameterType: p.Type, text: text}
	switch p.Type {
	case StringType:
		switch {
		case !utf8.ValidString(text):
			return Value{}, fmt.Errorf("must be valid UTF-8")
		case strings.ContainsRune(text, 0):
			return Value{}, fmt.Errorf("must not hold a NUL character: no environment variable can")
		}
		return value, nil
	case IntegerType:
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil || !integerPattern.MatchString(text) {
			return Value{}, wrong
		}
		value.text = strconv.FormatInt(n, 10)
		return value, nil
	case NumberType:
		f, err := strconv.ParseFloat(text, 64)
		if err != nil || !numberPattern.MatchString(text) {
			return Value{}, wrong
		}
		if f == 0 {
			f = 0 // no negative zero
		}
		value.text = strconv.FormatFloat(f, 'g', -1, 64)
		return value, nil
	case BooleanType:
		if text != "true" && text != "false" {
			return Value{}, wrong
		}
		return value, nil
	default:
		return Value{}, fmt.Errorf("cannot be read: the parameter has the unknown type %q", p.Type)
	}
}

func (p Parameter) check(value Value) error {
	if p.Type == StringType {
		if p.MaxLength != nil && utf8.RuneCountInString(value.text) > *p.MaxLength {
			return fmt.Errorf("is longer than %d characters", *p.MaxLength)
		}
		if p.Pattern != "" {
			pattern, err := regexp.Compile(p.Pattern)
			if err != nil {
				return fmt.Errorf("cannot be checked: the parameter's pattern is not a regular expression: %w", err)
			}
			if !pattern.MatchString(value.text) {
				return fmt.Errorf("does not match the pattern %s", p.Pattern)
			}
		}
	}
	if p.Type == IntegerType || p.Type == NumberType {
		n, ok := new(big.Rat).SetString(value.text)
		if !ok {
			return fmt.Errorf("must be %s", p.Type.article())
		}
		if p.Minimum != nil && n.Cmp(rational(*p.Minimum)) < 0 {
			return fmt.Errorf("is less than %s", number(*p.Minimum))
		}
		if p.Maximum != nil && n.Cmp(rational(*p.Maximum)) > 0 {
			return fmt.Errorf("is greater than %s", number(*p.Maximum))
		}
	}
	return p.checkEnum(value)
}

func (p Parameter) checkEnum(value Value) error {
	if len(p.Enum) == 0 {
		return nil
	}
	var accepted []string
	for _, choice := range p.Enum {
		text, ok := p.scalar(choice)
		if !ok {
			continue
		}
		if v, err := p.convert(text); err == nil {
			if v.text == value.text {
				return nil
			}
			accepted = append(accepted, v.text)
		}
	}
	return fmt.Errorf("must be one of %s", strings.Join(accepted, ", "))
}

// scalar writes a YAML value as the text that Parse reads; it is false when
// the value has another type than the parameter.
func (p Parameter) scalar(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, p.Type == StringType
	case bool:
		return strconv.FormatBool(v), p.Type == BooleanType
	case int:
		return strconv.Itoa(v), p.Type == IntegerType || p.Type == NumberType
	case float64:
		return number(v), p.Type == NumberType
	default:
		return "", false
	}
}

func number(f float64) string { return strconv.FormatFloat(f, 'g', -1, 64) }

// rational is exact; a float64 from a manifest is always finite.
func rational(f float64) *big.Rat {
	r := new(big.Rat).SetFloat64(f)
	if r == nil {
		return new(big.Rat)
	}
	return r
}

// Forgotten names the parameters that depend on one that is set and are not
// set themselves: they keep a default that was meant for another value.
func (m *Manifest) Forgotten(values map[string]string) (names []string) {
	for name := range values {
		for _, dependent := range m.Parameters[name].With {
			if _, set := values[dependent]; !set && !slices.Contains(names, dependent) {
				names = append(names, dependent)
			}
		}
	}
	slices.Sort(names)
	return names
}
