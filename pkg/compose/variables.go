package compose

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"github.com/compose-spec/compose-go/v2/template"
	"github.com/compose-spec/compose-go/v2/types"
	"github.com/opengpu-network/templates/pkg/finding"
)

// ProviderVariables are the variables that a provider sets when it starts a
// stack. No other variable exists.
func ProviderVariables() []string {
	return []string{"PORT", "CALLBACK_URL", "PROTOCOL_VERSION", "SOURCE_ADDRESS", "PROVIDER_ADDRESS"}
}

// Variable is one use of a variable in a compose file.
type Variable struct {
	Name string
	// Operator is "", ":-", "-", ":+", "+", ":?" or "?".
	Operator string
	// Default is what follows the operator.
	Default string
	// Path leads to the scalar that uses it, in the file as written.
	Path []any
	finding.Position
}

// The marks stand around a provider's variable while compose-go resolves the
// model, so that what it stands for can be told from what the author wrote.
// Both are noncharacters: no text has them, and a scalar with one is refused.
const (
	markOpen  = '\uFDD0'
	markClose = '\uFDD1'
)

// maxVariableNesting is how deep ${A:-${B:-…}} may nest, and
// maxVariablesPerScalar how many dollar signs one scalar may hold:
// substitution takes time that grows with the square of both.
const (
	maxVariableNesting    = 8
	maxVariablesPerScalar = 500
)

// environment is what the provider sets. PORT must look like a port to be
// parsed: it is a number that stands nowhere else in the files.
func environment(port string) types.Mapping {
	m := types.Mapping{}
	for _, name := range ProviderVariables() {
		m[name] = string(markOpen) + name + string(markClose)
	}
	m["PORT"] = port
	return m
}

// choosePort finds a port number whose digits stand in no scalar; it is empty
// when there is none.
func choosePort(scalars []string) string {
	const first, last, digits = 61001, 65535, 5
	taken := map[int]bool{}
	for _, scalar := range scalars {
		for i := range len(scalar) - digits + 1 {
			if scalar[i] == '6' {
				port, _ := strconv.Atoi(scalar[i : i+digits])
				taken[port] = true
			}
		}
	}
	for port := first; port <= last; port++ {
		if !taken[port] {
			return strconv.Itoa(port)
		}
	}
	return ""
}

// restore turns substituted text back into Compose's own notation: a variable
// of the provider reads ${NAME}, and a literal dollar sign reads $$.
func restore(s, port string) string {
	s = strings.ReplaceAll(s, "$", "$$")
	s = strings.ReplaceAll(s, port, "${PORT}")
	if strings.ContainsRune(s, markOpen) {
		s = strings.NewReplacer(string(markOpen), "${", string(markClose), "}").Replace(s)
	}
	return s
}

// defaults are variables that a provider may leave out, with what stands in for
// them then. trust/variables lets nothing but digits do so.
var defaults = regexp.MustCompile(`\$\$|\$\{(?:PROTOCOL_VERSION|SOURCE_ADDRESS|PROVIDER_ADDRESS):?-[0-9]*\}`)

// substitute is compose-go's substitution, spared for text without variables.
// What stands in for a provider's variable stays beside its name, in the marks.
func substitute(s string, mapping template.Mapping) (string, error) {
	if !strings.Contains(s, "$") {
		return s, nil
	}
	s = defaults.ReplaceAllStringFunc(s, func(use string) string {
		if use == "$$" {
			return use
		}
		return string(markOpen) + use[len("${"):len(use)-len("}")] + string(markClose)
	})
	return template.Substitute(s, mapping)
}

// scan lists the variables that a scalar uses, nested ones included.
func scan(s string) (variables []Variable) {
	for i := 0; i+1 < len(s); i++ {
		if s[i] != '$' {
			continue
		}
		switch next := s[i+1]; {
		case next == '$':
			i++
		case next == '{':
			// Without a closing brace the rest is all there is to look at.
			end := closing(s[i+1:])
			if end < 0 {
				end = len(s) - i - 1
			}
			body := s[i+2 : i+1+end]
			name := identifier(body)
			operator := operatorOf(body[len(name):])
			if name != "" {
				variables = append(variables, Variable{Name: name, Operator: operator, Default: body[len(name)+len(operator):]})
			}
			variables = append(variables, scan(body[len(name)+len(operator):])...)
			i += 1 + end
		case isLetter(next):
			name := identifier(s[i+1:])
			variables = append(variables, Variable{Name: name})
			i += len(name)
		}
	}
	return variables
}

// closing returns the index of the brace that closes the one at s[0], or -1.
// As in compose-go, the character after an opening brace closes nothing.
func closing(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '{':
			depth++
			i++
		case '}':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

func identifier(s string) string {
	i := 0
	for i < len(s) && (isLetter(s[i]) || i > 0 && s[i] >= '0' && s[i] <= '9') {
		i++
	}
	return s[:i]
}

func isLetter(c byte) bool {
	return c == '_' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z'
}

func operatorOf(s string) string {
	for _, operator := range []string{":-", ":+", ":?", "-", "+", "?"} {
		if strings.HasPrefix(s, operator) {
			return operator
		}
	}
	return ""
}

// checkScalar says why a scalar must not reach compose-go, or nothing.
func checkScalar(s string, mapping template.Mapping) (rule, message string) {
	if strings.ContainsRune(s, markOpen) || strings.ContainsRune(s, markClose) {
		return ruleInterpolation, "holds the Unicode noncharacter U+FDD0 or U+FDD1"
	}
	if !strings.Contains(s, "$") {
		return "", ""
	}
	// compose-go matches names without regard to case, and so takes these for s
	// and k.
	if strings.ContainsAny(s, "\u017F\u212A") {
		return ruleInterpolation, "holds U+017F or U+212A beside a variable"
	}
	if strings.Count(s, "$") > maxVariablesPerScalar {
		return ruleLimits, fmt.Sprintf("holds more than %d dollar signs", maxVariablesPerScalar)
	}
	if nesting(s) > maxVariableNesting {
		return ruleLimits, fmt.Sprintf("nests variables deeper than %d levels", maxVariableNesting)
	}
	if _, err := substitute(s, mapping); err != nil {
		return ruleInterpolation, "cannot be interpolated: " + lowerFirst(err.Error())
	}
	return "", ""
}

// nesting is an upper bound of how deep variables nest.
func nesting(s string) (deepest int) {
	depth := 0
	for i := range len(s) {
		switch {
		case s[i] == '{' && i > 0 && s[i-1] == '$':
			depth++
			deepest = max(deepest, depth)
		case s[i] == '}' && depth > 0:
			depth--
		}
	}
	return deepest
}

func lowerFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToLower(s[:1]) + s[1:]
}
